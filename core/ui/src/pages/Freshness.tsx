/** Promises: how old the data is against what was promised, what that comes from, and when newer data is expected. */
import type { PromiseDocument } from "../api/types";
import { useNow } from "../clock";
import { from, length, moment, zoned } from "../parts/format";
import { Command, Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { State, StateIcon } from "../parts/State";
import { promised, stateOf, useProject } from "../project";
import { to } from "../route";

const EXAMPLE = 'policies: [{select: "exposure:board", fresh: {warn: 4h, fail: 6h}}]';

export function Freshness() {
  const known = useProject();
  const now = useNow(15_000);
  const promises = [...known.promises.values()];
  const asked = known.promisesAsked;
  return (
    <div className="page">
      <div className="head"><h1>Freshness</h1><span className="soft">{promises.length ? standing(promises) : "how old the data is, not the last build"}</span></div>
      <div className="stack">
        {asked.error ? <Trouble error={asked.error} again={asked.again} /> : (
          <Panel title="Promises" note={promises.length ? "the worst first" : undefined} end={<code className="muted small hide-phone">penstock freshness</code>}>
            {!asked.data ? <Loading /> : promises.length === 0 ? <Empty title="Nothing is promised" command={EXAMPLE}>Say in penstock.yml how old the data of an asset may be. penstock then tells in time when it will not be kept, and whose fault that is.</Empty> : promises.map((one) => <Promised key={one.name} promise={one} now={now} />)}
          </Panel>
        )}
        <Ages now={now} />
      </div>
    </div>
  );
}

/** Of which nothing is known is neither kept nor broken. */
export function standing(all: readonly PromiseDocument[]): string {
  const of = (...states: string[]) => all.filter((one) => states.includes(promised(one))).length;
  const said = [[of("late", "broken"), "not kept"], [of("at_risk"), "at risk"], [of("unknown"), "unknown"]] as const;
  const told = said.filter(([size]) => size > 0).map(([size, words]) => `${size} ${words}`);
  return told.length ? `${told.join(", ")} of ${all.length}` : `all ${all.length} kept`;
}

/** One promise: a bar from the data's time to the moment at which it is too old, and the chain to what decided its age. */
export function Promised({ promise, now, brief }: { promise: PromiseDocument; now: number; brief?: boolean }) {
  const state = promised(promise);
  return (
    <div className="promise">
      <div className="state spread">
        <a className="ink strong ellipsis" href={to("asset", promise.name)}>{promise.name}</a>
        <State state={state} />
      </div>
      <Bar promise={promise} />
      <div className="spread small">
        <span className="soft ellipsis" title={promise.why}>{promise.age_seconds === null ? (promise.timeless ? "never gets old" : "nothing is known") : `${length(promise.age_seconds)} old`} · {promise.promised}</span>
        {promise.deadline_at && <span className="nowrap"><b>{moment(promise.deadline_at, now)}</b> <span className="soft">{from(promise.deadline_at, now)}</span></span>}
      </div>
      {!brief && <div className="small soft">{zoned(promise.why, now)}{promise.ready_at && ` · newer data about ${moment(promise.ready_at, now)}, ${from(promise.ready_at, now)}`} · <span className="muted">{promise.line}</span></div>}
      {!brief && promise.chain.length > 1 && <Chain names={promise.chain} />}
    </div>
  );
}

function Bar({ promise }: { promise: PromiseDocument }) {
  const most = promise.fail_seconds ?? promise.warn_seconds;
  if (most === null || promise.age_seconds === null) return <div className="gauge idle" />;
  const part = Math.min(1, promise.age_seconds / most);
  const tone = { fresh: "ok", at_risk: "risk", late: "warn", broken: "bad" }[promised(promise)] ?? "idle";
  const warn = promise.warn_seconds !== null && promise.fail_seconds !== null ? promise.warn_seconds / most : null;
  return (
    <div className="gauge" role="img" aria-label={`${Math.round(100 * part)} % of what was promised is used up`}>
      <i className={tone} style={{ width: `${Math.max(1, 100 * part)}%` }} />
      {warn !== null && warn < 1 && <b style={{ left: `${100 * warn}%` }} />}
    </div>
  );
}

/** From the asset up to what its age comes from, each with its own state. */
export function Chain({ names }: { names: readonly string[] }) {
  const known = useProject();
  const shown = names.length > 7 ? [...names.slice(0, 3), "", ...names.slice(-3)] : names;
  return (
    <ol className="chain-line small" aria-label="What its age comes from">
      {shown.map((name, at) => (
        <li key={name || "between"}>
          {at > 0 && <span className="muted" aria-hidden="true">←</span>}
          {name ? <span className="state"><StateIcon state={stateOf(known.status.get(name))} size={12} /><a className="mono ink" href={to("asset", name)}>{name}</a></span> : <span className="muted">{names.length - 6} between</span>}
        </li>
      ))}
    </ol>
  );
}

function Ages({ now }: { now: number }) {
  const known = useProject();
  const made = [...known.status.values()].filter((one) => one.made_at).sort((a, b) => String(a.made_at).localeCompare(String(b.made_at)));
  return (
    <Panel title="When each asset was made" note={`the oldest first, ${made.length} of ${known.status.size}`}>
      {made.length === 0 ? <Empty title="Nothing was made yet" command="penstock build">The time at which each asset was made last stands here.</Empty> : (
        <div className="scroll"><table><thead><tr><th>Asset</th><th>State</th><th className="number">Made</th><th className="number">Age</th></tr></thead>
          <tbody>{made.slice(0, 100).map((one) => <tr key={one.name}><td><a className="mono ink" href={to("asset", one.name)}>{one.name}</a></td><td><State state={stateOf(one)} /></td><td className="number soft">{moment(one.made_at, now)}</td><td className="number">{from(one.made_at, now)}</td></tr>)}</tbody></table></div>
      )}
      {made.length > 100 && <div className="body"><Command line="penstock status" /></div>}
    </Panel>
  );
}
