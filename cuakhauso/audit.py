"""`make lint` asks with this whether a pinned package has a known hole, and says plainly when it could not ask."""

import json
import subprocess
import sys

COMMAND = [sys.executable, "-m", "pip_audit", "--requirement", "requirements.txt", "--disable-pip", "--require-hashes"]
OPTIONS = ["--format", "json", "--progress-spinner", "off", "--timeout", "20"]


def main() -> int:
    result = subprocess.run([*COMMAND, *OPTIONS], capture_output=True, text=True)
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        if "ConnectionError" in result.stderr or "HTTPSConnectionPool" in result.stderr:
            print("dependency audit: the service of known holes does not answer; nothing audited")
            return 0
        sys.stderr.write(result.stderr)
        return 1
    audited = [package for package in packages if "skip_reason" not in package]
    holes = [(package, hole) for package in audited for hole in package["vulns"]]
    for package, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no version"
        print(f"{package['name']} {package['version']}: {hole['id']}, fixed in {fixed}")
    print(f"dependency audit: {len(audited)} of {len(packages)} packages known to the service, {len(holes)} holes")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
