#!/usr/bin/env bash
# The nightly job: reports what changed in Xero, in the log and in an issue.
#
# Environment:
#   XEROSYNC_FILES  chart files, folders of them or patterns, one per line
#   XEROSYNC_OUT    a new folder for drift.json, drift.md and drift.txt; if a folder or a pattern
#                   names the charts, also compare.html, every chart beside its standard
#   XEROSYNC_NAME   part of the name of the artifacts, if several jobs run for one repository
#   XEROSYNC_APPLY_WORKFLOW  as for apply.sh
#   XEROSYNC_SHARD_INDEX, XEROSYNC_SHARD_COUNT  check only the part of the files with this index,
#                   from 0, of so many parts; on GitLab, CI_NODE_INDEX and CI_NODE_TOTAL also do
#   XEROSYNC_STATE  outside GitHub and GitLab: the folder outside the checkout with the journals
#   and what GitHub or GitLab sets, and the credentials for Xero
# Exits with 0 whether or not there is drift; it fails only if it could not check or report. If
# some organisations could not be checked, it reports on the others, and exits with 6.
set -euo pipefail
# shellcheck source=ci/start.sh
. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
check_links "${charts[@]}"
files=() part=() of=()
for name in "${charts[@]}"; do files+=(--file "$name"); done
[ "$many" = no ] || of=("${files[@]}")
if [ -n "${XEROSYNC_SHARD_COUNT:-}${CI_NODE_TOTAL:-}" ]; then
  part=(--shard auto) of=("${files[@]}" --shard auto)
fi

kept=()
[ "$many" = no ] || kept=(--all)
[ -z "${XEROSYNC_NAME:-}" ] || kept+=(--kept "xerosync-result-$XEROSYNC_NAME")
[ -z "${XEROSYNC_APPLY_WORKFLOW:-}" ] || kept+=(--workflow "$XEROSYNC_APPLY_WORKFLOW")
[ -z "$forge" ] || xerosync ci journals "${kept[@]}"

code=0
xerosync drift "${files[@]}" "${part[@]}" --detailed-exitcode --json-file "$out/drift.json" \
  --markdown-file "$out/drift.md" >"$out/drift.txt" || code=$?
cat "$out/drift.txt"
# The grid is beside the report, and never fails the job: charts may extend no standard.
[ "$many" = no ] || xerosync compare "${files[@]}" "${part[@]}" --html-file "$out/compare.html" \
  >"$out/compare.txt" 2>&1 || true
failed=0
case $code in
  0) drift=false resolved=(--resolved) ;;
  2) drift=true resolved=() ;;
  6) drift=true resolved=() failed=6 ;;
  *) exit "$code" ;;
esac

[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$out/drift.md" >>"$GITHUB_STEP_SUMMARY"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "drift=$drift" >>"$GITHUB_OUTPUT"
[ -z "$forge" ] || xerosync ci issue "$out/drift.md" "${of[@]}" "${resolved[@]}"
exit "$failed"
