#!/usr/bin/env bash
# The job after a merge: fetches the plan that was reviewed, and applies exactly that plan.
#
# Environment:
#   XEROSYNC_FILES             chart files, folders of them or patterns, one per line
#   XEROSYNC_OUT               a new folder for the plan, the journal and the record
#   XEROSYNC_REQUIRE_APPROVAL  no: apply the plan even if nobody has approved it
#   XEROSYNC_THIS_RUN          yes: apply the plan of an earlier job of this run
#   XEROSYNC_ALLOW             limits to raise, such as archives=12
#   XEROSYNC_SKIP_BLOCKED      yes: apply the other changes if some are blocked
#   XEROSYNC_WAVE              in a folder, canary: only the organisations with that tag; rest: only
#                              the others
#   XEROSYNC_WAVES             in a folder, the sizes of the waves, such as 1,10,rest
#   XEROSYNC_NAME              part of the name of the artifacts, if several jobs run
#   XEROSYNC_ENVIRONMENT       on GitHub, the environment of the job, if not xero
#   XEROSYNC_PLAN_WORKFLOW     the plan's workflow file, if not plan.yml or xerosync-plan.yml
#   XEROSYNC_APPLY_WORKFLOW    the apply's workflow file, if not apply.yml, again.yml, or these
#                              names after xerosync-
#   and what GitHub or GitLab sets, and the credentials for Xero
set -euo pipefail
# shellcheck source=ci/start.sh
. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
check_switches XEROSYNC_REQUIRE_APPROVAL XEROSYNC_THIS_RUN XEROSYNC_SKIP_BLOCKED
check_links "${charts[@]}"

echo "An attempt to apply has started." >"$out/started.txt" # so that a re-run finds its record

kept=() applied=("$out/plan.json") part=()
[ -z "${XEROSYNC_NAME:-}" ] || kept=(--kept "xerosync-result-$XEROSYNC_NAME")
if [ "$many" = yes ]; then
  applied=("$out/plans/" --waves "${XEROSYNC_WAVES:-1,10,rest}") kept+=(--all)
fi
case ${XEROSYNC_WAVE:-} in
  "") ;;
  canary) part=(--select tag:canary) ;;
  rest) part=(--select '!tag:canary') ;;
  *) stop 64 "XEROSYNC_WAVE must be canary or rest." "Leave it out to apply to all." ;;
esac
[ -z "${XEROSYNC_APPLY_WORKFLOW:-}" ] || kept+=(--workflow "$XEROSYNC_APPLY_WORKFLOW")
# The journals show whether this plan was applied before, and whose changes are still to be
# applied.
[ -z "$forge" ] || xerosync ci journals "${kept[@]}"

same=() files=()
for name in "${charts[@]}"; do same+=(--same-as "$name") files+=(--file "$name"); done
read -r -d '' -a limits <<<"${XEROSYNC_ALLOW:-}" || true
allowed=("${limits[@]/#/--allow=}")
[ "${XEROSYNC_SKIP_BLOCKED:-no}" != yes ] || allowed+=(--skip-blocked)
wanted=(--kept "xerosync-plan${XEROSYNC_NAME:+-$XEROSYNC_NAME}")
[ "${XEROSYNC_REQUIRE_APPROVAL:-yes}" = no ] || wanted+=(--require-approval)
[ "${XEROSYNC_THIS_RUN:-no}" != yes ] || wanted+=(--this-run)
[ -z "${XEROSYNC_PLAN_WORKFLOW:-}" ] || wanted+=(--workflow "$XEROSYNC_PLAN_WORKFLOW")

XEROSYNC_APPROVER=$(xerosync ci reviewed --out "$out/plan.json" "${wanted[@]}" "${files[@]}")
export XEROSYNC_APPROVER
# A plan for each organisation, so that one that is refused does not hold up the others.
[ "$many" = no ] || xerosync ci split "$out/plan.json" --out "$out/plans/"

# A runner cancels a job by a signal, which bash does not pass on. Pass it on, once, so that the
# apply ends between two calls and completes its journal.
cancelled=
cancel() {
  cancelled=yes
  trap '' INT TERM
  kill -TERM "$apply" || true
}
xerosync apply "${applied[@]}" "${part[@]}" "${same[@]}" "${allowed[@]}" --result "$out/result.jsonl" &
apply=$!
trap cancel INT TERM
code=0
wait "$apply" || code=$?
if [ -n "$cancelled" ]; then # the signal ended the first wait, not the apply
  last=0
  wait "$apply" || last=$?
  [ "$last" = 127 ] || code=$last
fi

# The job exits with the status of the apply, even if the record cannot be written.
if [ -f "$out/result.jsonl" ]; then
  xerosync show "$out/result.jsonl" --format html >"$out/result.html" || rm -f "$out/result.html"
  xerosync show "$out/result.jsonl" --format markdown >"$out/result.md" || rm -f "$out/result.md"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$out/result.md" ]; then
    cat "$out/result.md" >>"$GITHUB_STEP_SUMMARY"
  fi
fi
exit "$code"
