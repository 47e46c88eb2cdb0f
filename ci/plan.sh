#!/usr/bin/env bash
# The job on a pull request: checks the chart, plans, and shows the plan to who reviews it.
#
# Environment: XEROSYNC_FILES (chart files, one a line), XEROSYNC_CURRENT (a chart CSV to plan
# against where there are no secrets), XEROSYNC_OUT (a folder for what is kept),
# XEROSYNC_COMMENT (yes: comment on the pull request), and the credentials for Xero, those of a
# profile too.
set -euo pipefail

out=${XEROSYNC_OUT:-xerosync-out}
mkdir -p "$out"
files=()
while IFS= read -r name; do
  [ -z "$name" ] || files+=(--file "$name")
done <<<"${XEROSYNC_FILES:-accounts.yaml}"

xerosync validate "${files[@]}" --format "$([ -n "${GITHUB_ACTIONS:-}" ] && echo github || echo text)"

credentials=no
for name in $(compgen -e XERO_); do
  case $name in
    XERO_CLIENT_SECRET* | XERO_ACCESS_TOKEN*) [ -z "${!name}" ] || credentials=yes ;;
  esac
done

if [ "$credentials" = yes ]; then
  xerosync plan "${files[@]}" --out "$out/plan.json" \
    --markdown-file "$out/plan.md" --html-file "$out/plan.html"
elif [ -n "${XEROSYNC_CURRENT:-}" ]; then
  xerosync plan "${files[@]}" --current "$XEROSYNC_CURRENT" --json-file "$out/plan.json" \
    --markdown-file "$out/plan.md" --html-file "$out/plan.html"
else
  echo "No credentials for Xero, as in a pull request from a fork: the file was checked, not planned."
  exit 0
fi

refused=0
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"
  xerosync ci annotate "$out/plan.json" || refused=$?
fi
if [ "${XEROSYNC_COMMENT:-}" = yes ]; then
  xerosync ci comment "$out/plan.md"
fi
exit "$refused"
