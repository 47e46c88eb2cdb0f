#!/usr/bin/env bash
# The job of the night: reports what changed in Xero, in an issue and in a chat.
#
# Environment: XEROSYNC_FILES (chart files, one a line), XEROSYNC_OUT (a folder for what is
# kept), XEROSYNC_SLACK_URL and XEROSYNC_TEAMS_URL (webhooks, told of drift alone),
# XEROSYNC_NAME (part of the name of what was kept), and the credentials for Xero. Leaves with 0, drift or not; what keeps it from telling is an error.
set -euo pipefail

out=${XEROSYNC_OUT:-xerosync-out}
mkdir -p "$out"
files=()
while read -r name; do
  [ -z "$name" ] || files+=(--file "$name")
done <<<"${XEROSYNC_FILES:-accounts.yaml}"
forge=${GITHUB_ACTIONS:-}${GITLAB_CI:-}

kept=()
[ -z "${XEROSYNC_NAME:-}" ] || kept=(--kept "xerosync-result-$XEROSYNC_NAME")
[ -z "$forge" ] || xerosync ci journals "${kept[@]}"

code=0
xerosync drift "${files[@]}" --detailed-exitcode --json-file "$out/drift.json" \
  --markdown-file "$out/drift.md" --slack-file "$out/slack.json" --teams-file "$out/teams.json" ||
  code=$?
case $code in
  0) resolved=(--resolved) ;;
  2) resolved=() ;;
  *) exit "$code" ;;
esac

[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/drift.md" >>"$GITHUB_STEP_SUMMARY"
[ -z "$forge" ] || xerosync ci issue "$out/drift.md" "${resolved[@]}"

if [ "$code" = 2 ]; then
  xerosync ci notify --slack "$out/slack.json" --teams "$out/teams.json"
fi
