#!/usr/bin/env bash
# The job after a merge: fetches the plan that was reviewed, and does exactly that.
#
# Environment: XEROSYNC_FILES (chart files, one a line), XEROSYNC_OUT (a folder for what is
# kept), XEROSYNC_REQUIRE_APPROVAL (no: do without), XEROSYNC_THIS_RUN (yes: the plan of an
# earlier job of this run), XEROSYNC_ALLOW (limits to raise, as archives=12),
# XEROSYNC_SKIP_BLOCKED (yes), XEROSYNC_NAME (part of the name of what was kept), and the credentials for Xero.
set -euo pipefail

out=${XEROSYNC_OUT:-xerosync-out}
mkdir -p "$out"
same=()
while read -r name; do
  [ -z "$name" ] || same+=(--same-as "$name")
done <<<"${XEROSYNC_FILES:-accounts.yaml}"
read -r -d '' -a limits <<<"${XEROSYNC_ALLOW:-}" || true
allowed=("${limits[@]/#/--allow=}")
[ "${XEROSYNC_SKIP_BLOCKED:-no}" != yes ] || allowed+=(--skip-blocked)
wanted=(--kept "xerosync-plan${XEROSYNC_NAME:+-$XEROSYNC_NAME}")
[ "${XEROSYNC_REQUIRE_APPROVAL:-yes}" = no ] || wanted+=(--require-approval)
[ "${XEROSYNC_THIS_RUN:-no}" = no ] || wanted+=(--this-run)

XEROSYNC_APPROVER=$(xerosync ci reviewed --out "$out/plan.json" "${wanted[@]}")
export XEROSYNC_APPROVER

# A job that is cancelled is told so by signals, which bash keeps to itself: apply has to hear of
# it, once, to end between two calls with its journal whole.
told=
tell() {
  told=yes
  trap '' INT TERM
  kill -TERM "$apply" || true
}
xerosync apply "$out/plan.json" "${same[@]}" "${allowed[@]}" --result "$out/result.jsonl" &
apply=$!
trap tell INT TERM
code=0
wait "$apply" || code=$?
if [ -n "$told" ]; then # the signal has ended the waiting, not the apply
  last=0
  wait "$apply" || last=$?
  [ "$last" = 127 ] || code=$last
fi

# What the apply left with is what the job leaves with, also where the record cannot be shown.
if [ -f "$out/result.jsonl" ]; then
  xerosync show "$out/result.jsonl" --format html >"$out/result.html" || rm -f "$out/result.html"
  xerosync show "$out/result.jsonl" --format markdown >"$out/result.md" || rm -f "$out/result.md"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$out/result.md" ]; then
    cat "$out/result.md" >>"$GITHUB_STEP_SUMMARY"
  fi
fi
exit "$code"
