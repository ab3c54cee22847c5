/** Why an asset is as it is: what was decided in the last run that planned it, and on demand what would be decided now. */
import { useState } from "react";
import { ApiProblem, useAsk } from "../api/client";
import { useLive } from "../api/live";
import type { AssetState, WhyDocument } from "../api/types";
import { duration, moment, plural, zoned } from "../parts/format";
import { Panel } from "../parts/Panel";
import { StateIcon } from "../parts/State";
import { decided, shown } from "../parts/states";
import { to } from "../route";

export function Why({ state, now, name }: { state: AssetState | undefined; now: number; name: string }) {
  const run = state?.attempt_run ?? state?.run ?? null;
  const last = useAsk<WhyDocument>(run ? "why" : null, { name, run });
  const [ask, setAsk] = useState(false);
  const next = useAsk<WhyDocument>(ask ? "why" : null, { name });
  useLive("runs", last.again, 3000);
  return (
    <Panel title="Why" end={<code className="muted small">penstock why {name}</code>}>
      <div className="body stack">
        {state?.made_at ? (
          <div className="state wrap"><StateIcon state={state.outcome} /><span>Made {moment(state.made_at, now)}{state.by && state.by !== "penstock" ? ` by ${state.by}` : ""}{state.seconds != null ? `, in ${duration(state.seconds)}` : ""}{state.rows != null ? `, ${plural(state.rows, "row")}` : ""}{state.run && <> in <a href={to("runs", state.run)}>#{state.run}</a></>}{state.flags && <>, with <code>{state.flags}</code></>}</span></div>
        ) : (
          <div className="state wrap"><StateIcon state="never" /><span>Never made, as far as is known.</span></div>
        )}
        {state?.last_attempt && state.attempted_at && state.attempt_run !== state.run && (
          <div><div className="state wrap"><StateIcon state={state.last_attempt} /><span>Last try {moment(state.attempted_at, now)}: {shown(state.last_attempt).label.toLowerCase()}{state.attempt_run && <> in <a href={to("runs", state.attempt_run)}>#{state.attempt_run}</a></>}{state.attempt_flags && <>, with <code>{state.attempt_flags}</code></>}</span></div>{state.message && <code className="tone-bad small block">{state.message}</code>}</div>
        )}
        {last.data && <Told told={last.data} now={now} when={`in #${last.data.run ?? ""}`} />}
        {ask ? next.error ? <span className="muted small">{next.error instanceof ApiProblem ? `${next.error.title}. ${next.error.detail}` : String(next.error)}</span> : next.data ? <Told told={next.data} now={now} when="now" /> : <span className="muted small" aria-busy="true">Planning</span> : <div><button type="button" className="button small" onClick={() => setAsk(true)}>What would be decided now?</button></div>}
      </div>
    </Panel>
  );
}

const WORDS: Record<string, string> = { build: "Planned to be built", reuse: "Reused", skip: "Not built", maybe: "Maybe built" };
const NOW: Record<string, string> = { build: "Would be built", reuse: "Would be reused", skip: "Would not be built", maybe: "Would maybe be built" };

function Told({ told, when, now }: { told: WhyDocument; when: string; now: number }) {
  const words = when === "now" ? NOW : WORDS;
  const decision = decided(told);
  return (
    <div className="small">
      <div className="state wrap"><StateIcon state={when !== "now" && decision === "build" ? "pending" : decision} /><span><b>{words[decision] ?? decision}</b> {when}: {zoned(told.reason, now)}</span></div>
      {told.because.map((link) => <div key={link.name} className="soft because">because of <a className="mono ink" href={to("asset", link.name)}>{link.name}</a>: {zoned(link.reason, now)}</div>)}
      {told.automation && <div className="soft because">By itself: {zoned(told.automation.reason, now)}</div>}
      {told.otherwise && <div className="muted because">It would be {told.otherwise}.</div>}
    </div>
  );
}
