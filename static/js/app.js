// Every page's script: each module looks for its own data attributes and stays silent without them.
import "./theme.js";
import "./toast.js";
import "./dialog.js";
import "./keys.js";
import "./once.js";
import "./live.js";
import "./formset.js";
import "./draft.js";
import "./table.js";
import "./tabs.js";
