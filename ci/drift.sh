#!/usr/bin/env bash
# The nightly job: reports what changed in Xero, in the log and in an issue.
#
# Environment:
#   XEROSYNC_FILES  chart files, one per line
#   XEROSYNC_OUT    the folder for drift.json, drift.md and drift.txt
#   XEROSYNC_NAME   part of the name of the artifacts, if several jobs run for one repository
#   and the credentials for Xero
# Exits with 0 whether or not there is drift; it fails only if it could not check or report.
set -euo pipefail
unset PYTHONPATH PYTHONHOME # nothing in the checkout is imported

out=${XEROSYNC_OUT:-xerosync-out}
mkdir -p "$out"
files=()
while read -r name; do
  [ -z "$name" ] || files+=(--file "$name")
done <<<"${XEROSYNC_FILES:-accounts.yaml}"
forge=${GITHUB_ACTIONS:-}${GITLAB_CI:-}

kept=()
[ -z "${XEROSYNC_NAME:-}" ] || kept=(--kept "xerosync-result-$XEROSYNC_NAME")
if [ -n "$forge" ]; then
  # The repository can hold journals and reports: only those of this job count.
  rm -rf .xerosync "$out"/drift.*
  xerosync ci journals "${kept[@]}"
fi

code=0
xerosync drift "${files[@]}" --detailed-exitcode --json-file "$out/drift.json" \
  --markdown-file "$out/drift.md" >"$out/drift.txt" || code=$?
cat "$out/drift.txt"
case $code in
  0) drift=false resolved=(--resolved) ;;
  2) drift=true resolved=() ;;
  *) exit "$code" ;;
esac

[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/drift.md" >>"$GITHUB_STEP_SUMMARY"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "drift=$drift" >>"$GITHUB_OUTPUT"
[ -z "$forge" ] || xerosync ci issue "$out/drift.md" "${resolved[@]}"
