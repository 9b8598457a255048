// A short sound when a truck arrives, on live pages; off and on by `m`, remembered.
import { toast } from "./toast.js";

const NOTES = [[660, 0], [880, 0.14]];
let audio = null;

const quiet = () => { try { return localStorage.getItem("sound") === "off"; } catch { return false; } };

export function toggleSound() {
  const off = !quiet();
  try { localStorage.setItem("sound", off ? "off" : "on"); } catch { /* not remembered */ }
  const words = document.querySelector("[data-sound-on]")?.dataset;
  if (words) toast(off ? words.soundOff : words.soundOn, "now");
  if (!off) play();
}

export function play() {
  // Browsers play nothing, and complain, before the first click or key.
  if (quiet() || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
  for (const [pitch, after] of NOTES) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const begin = audio.currentTime + after;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, begin);
    loudness.gain.exponentialRampToValueAtTime(0.2, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.16);
    tone.connect(loudness).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.18);
  }
}
