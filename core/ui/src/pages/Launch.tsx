/** Plan and run: what would run, what not, and why; then exactly that is started. */
import { useEffect, useMemo, useState } from "react";
import { ApiProblem, post, useAsk } from "../api/client";
import type { FlagDocument, FlagsDocument, PlanAnswer, PlanItemDocument, PlanRequest, Started } from "../api/types";
import { useNow } from "../clock";
import { count, duration, money, plural, quoted, zoned } from "../parts/format";
import { Icon, kindIcon } from "../parts/Icon";
import { Command, Empty, Panel, Segments, Trouble } from "../parts/Panel";
import { Selector } from "../parts/Selector";
import { State, StateIcon } from "../parts/State";
import { decided } from "../parts/states";
import { useProject } from "../project";
import { go, refine, to, type Place } from "../route";

interface Choice {
  select: string;
  exclude: string;
  checks: boolean;
  fullRefresh: boolean;
  failFast: boolean;
  start: string; // of what asks first: empty, "always", or a selection
  retry: string;
  flags: Readonly<Record<string, string>>; // of the tools, by their field; a switch that is on has "1"
}

const FLAG = "flag."; // before the field in an address

function chosen(place: Place): Choice {
  const word = (name: string) => place.query.get(name) ?? "";
  return {
    select: word("select"), exclude: word("exclude"), checks: word("command") !== "run", fullRefresh: word("full-refresh") === "1",
    failFast: word("fail-fast") === "1", start: word("start"), retry: word("retry"),
    flags: Object.fromEntries([...place.query].filter(([name, value]) => name.startsWith(FLAG) && value).map(([name, value]) => [name.slice(FLAG.length), value])),
  };
}

/** As the API takes them: a switch, a number, a text. What is no flag is left to the API to refuse. */
export function told(flags: Readonly<Record<string, string>>, known: readonly FlagDocument[]): Record<string, boolean | number | string> {
  const kinds = new Map(known.map((one) => [one.field, one.kind]));
  const value = (field: string, text: string) => (kinds.get(field) === "switch" ? true : kinds.get(field) === "count" ? Number(text) : text);
  return Object.fromEntries(Object.entries(flags).map(([field, text]) => [field, value(field, text)]));
}

function request(choice: Choice, known: readonly FlagDocument[]): PlanRequest {
  const words = (text: string) => (text.trim() ? [text.trim()] : []);
  if (choice.retry) return { retry_of: choice.retry };
  return { select: words(choice.select), exclude: words(choice.exclude), checks: choice.checks, full_refresh: choice.fullRefresh, fail_fast: choice.failFast, start: choice.start || "never", flags: told(choice.flags, known) };
}

/** The line that does the same in a terminal. */
export function commandLine(choice: Choice, known: readonly FlagDocument[] = []): string {
  if (choice.retry) return `penstock retry ${quoted(choice.retry)}`;
  const words = ["penstock", choice.checks ? "build" : "run"];
  if (choice.select) words.push("-s", quoted(choice.select));
  if (choice.exclude) words.push("--exclude", quoted(choice.exclude));
  if (choice.fullRefresh) words.push("--full-refresh");
  if (choice.failFast) words.push("--fail-fast");
  if (choice.start) words.push("--start", quoted(choice.start));
  for (const one of known) {
    const value = choice.flags[one.field];
    if (value) words.push(one.name, ...(one.kind === "switch" ? [] : [quoted(value)]));
  }
  return words.join(" ");
}

function usePlan(choice: Choice, known: readonly FlagDocument[] | undefined) {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ plan?: PlanAnswer; error?: unknown; busy: boolean }>({ busy: true });
  const asked = known ? JSON.stringify(request(choice, known)) : null;
  useEffect(() => {
    if (asked === null) return undefined;
    let current = true;
    setState((was) => ({ ...was, busy: true }));
    post<PlanAnswer>("plans", JSON.parse(asked)).then(
      (plan) => current && setState({ plan, busy: false }),
      (error: unknown) => current && setState({ error, busy: false }),
    );
    return () => void (current = false);
  }, [asked, turn]);
  return { ...state, again: () => setTurn(turn + 1) };
}

export function Launch({ place }: { place: Place }) {
  const known = useProject();
  const choice = useMemo(() => chosen(place), [place.query.toString()]);
  const flags = useAsk<FlagsDocument>("flags");
  const { plan, error, busy, again } = usePlan(choice, flags.error ? [] : flags.data?.flags);
  const [starting, setStarting] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const build = plan?.items.filter((item) => item.decision === "build") ?? [];
  const starts = plan?.asks.filter((one) => one.started).length;
  const may = known.project.me.rights.includes("operate");
  const start = () => {
    if (!plan) return;
    setStarting(true);
    // One key for this plan: a second press or a repeated sending starts nothing twice.
    post<Started>("runs", { ...request(choice, flags.data?.flags ?? []), hash: plan.hash }, `web-${plan.hash.slice(0, 24)}-${crypto.randomUUID?.() ?? Date.now()}`).then(
      (run) => go(to("runs", String(run.run))),
      (problem: unknown) => (setStarting(false), setRefused(problem), problem instanceof ApiProblem && problem.status === 409 && again()),
    );
  };
  return (
    <div className="page tall">
      <div className="head">
        <h1>Plan &amp; run</h1><span className="soft">Nothing starts that is not shown here</span>
        <div className="end">{plan && <span className="muted small">on graph <code>{plan.graph.slice(0, 8)}</code></span>}<button type="button" className="button" disabled={busy} onClick={again}><Icon name="retry" size={14} />Plan again</button></div>
      </div>
      {refused !== null && <div className="toast" role="alert"><Trouble error={refused} /></div>}
      <div className="launch">
        <Options choice={choice} place={place} flags={flags.data?.flags ?? []} total={plan ? `${selected(plan).filter((item) => item.kind !== "check").length} of ${known.project.assets}` : ""} />
        <div>{error ? <Trouble error={error} again={again} /> : plan ? <><Asks plan={plan} place={place} /><Plan plan={plan} select={choice.select} /></> : <Panel title="Plan"><div className="body muted" aria-busy="true">Planning</div></Panel>}</div>
      </div>
      <div className="launch-bar">
        <Command line={commandLine(choice, flags.data?.flags)} />
        {plan && <Estimate plan={plan} />}
        <button type="button" className="button primary large" disabled={!plan || busy || starting || (build.length === 0 && !plan.standing) || !may} onClick={start}>
          <Icon name="play" size={14} />{starting ? "Starting" : !may ? "Needs the right operate" : busy ? "Planning" : build.length ? verb(choice, build) + (starts ? `, start ${plural(starts, "sync")}` : "") : plan?.standing ? `Tell of ${plural(plan.standing, "standing failure")}` : "Nothing to build"}
        </button>
      </div>
    </div>
  );
}

/** What the steps took when they were made last, one after the other; several run at a time. */
function Estimate({ plan }: { plan: PlanAnswer }) {
  const { status } = useProject();
  const { build = 0, maybe = 0 } = plan.work;
  const paid: Record<string, number> = {};
  for (const item of plan.items) if (decided(item) === "build") for (const [unit, amount] of Object.entries(status.get(item.name)?.money ?? {})) paid[unit] = (paid[unit] ?? 0) + amount;
  return build + maybe > 0 ? <div className="small number only-wide"><b>~{duration(build)}{maybe > 0 && ` to ${duration(build + maybe)}`} of work</b><div className="soft">{money(paid) && `~${money(paid)}`}</div></div> : null;
}

function verb(choice: Choice, build: PlanItemDocument[]): string {
  const made = build.filter((item) => item.kind !== "check");
  const [assets, sure] = [made.length, made.filter((item) => decided(item) === "build").length];
  const what = assets ? (sure ? count(sure) : `up to ${count(assets)}`) : plural(build.length, "check");
  return `${choice.retry ? "Retry" : assets ? "Build" : "Run"} ${what}`;
}

function Options({ choice, place, flags, total }: { choice: Choice; place: Place; flags: readonly FlagDocument[]; total: string }) {
  if (choice.retry) {
    return (
      <Panel title={`Retry of run ${choice.retry.slice(0, 12)}`}>
        <div className="body stack"><p className="soft">What failed, was skipped or was cancelled in that run, with its options.</p><a className="button" href={to("launch")}>Choose something else</a></div>
      </Panel>
    );
  }
  const tick = (name: string, on: boolean, words: string) => (
    <label className="option"><input type="checkbox" checked={on} onChange={(event) => refine(place, { [name]: event.target.checked ? "1" : undefined })} /><code>--{name}</code><span className="soft small">{words}</span></label>
  );
  const set = (field: string, value: string) => refine(place, { [FLAG + field]: value || undefined });
  return (
    <Panel>
      <div className="body stack">
        <div><div className="strong small">Command</div><Segments label="Command" options={[["build", "build with checks"], ["run", "run without"]] as const} value={choice.checks ? "build" : "run"} choose={(one) => refine(place, { command: one === "run" ? "run" : undefined })} /></div>
        <div><div className="strong small">Select</div><Selector key={choice.select} value={choice.select} note={total} label="Select" done={(select) => refine(place, { select })} /></div>
        <div><div className="strong small">Exclude</div><Selector key={`not ${choice.exclude}`} value={choice.exclude} note="" empty="Nothing is left out" label="Exclude" done={(exclude) => refine(place, { exclude })} /></div>
        <div>
          {tick("full-refresh", choice.fullRefresh, "incremental models from scratch")}
          {tick("fail-fast", choice.failFast, "stop at the first failure")}
        </div>
        {flags.length > 0 && <div className="options"><div className="muted small">Of {[...new Set(flags.map((one) => one.tool))].join(", ")}</div>{flags.map((one) => <FlagField key={one.field} flag={one} value={choice.flags[one.field] ?? ""} set={(value) => set(one.field, value)} />)}</div>}
      </div>
    </Panel>
  );
}

/** A flag of a tool, under its own name. What is typed counts when the field is left. */
function FlagField({ flag, value, set }: { flag: FlagDocument; value: string; set: (value: string) => void }) {
  const help = flag.help.replace(new RegExp(`^${flag.tool}:? `), "").replace(/\.$/, "");
  if (flag.kind === "switch") return <label className="option" title={help}><input type="checkbox" checked={value === "1"} onChange={(event) => set(event.target.checked ? "1" : "")} /><code>{flag.name}</code><span className="soft small">{help}</span></label>;
  return (
    <label className="option valued" title={help}>
      <code>{flag.name}</code>
      <input key={value} className="box" defaultValue={value} inputMode={flag.kind === "count" ? "numeric" : undefined} placeholder={flag.metavar || "n"} onBlur={(event) => set(event.target.value.trim())} onKeyDown={(event) => event.key === "Enter" && set(event.currentTarget.value.trim())} />
    </label>
  );
}

/** What may cost money, each with its box: the plan is made anew with what was chosen. */
function Asks({ plan: { asks }, place }: { plan: PlanAnswer; place: Place }) {
  if (!asks.length) return null;
  const set = (wanted: readonly { select: string }[]) => refine(place, { start: wanted.length === asks.length ? "always" : wanted.map((one) => one.select).join(" ") });
  const on = asks.filter((one) => one.started);
  return (
    <Panel className="asks" title={<State state="warn" words={`${plural(asks.length, "sync")} may be billed`} />} note="choose which may start" end={<button type="button" className="button small plain tone-accent" onClick={() => set(on.length ? [] : asks)}>{on.length ? "None" : "All"}</button>}>
      <ul className="rows">{asks.map((one) => (
        <li key={one.select}>
          <label className="option"><input type="checkbox" checked={one.started} onChange={(event) => set(event.target.checked ? [...on, one] : on.filter((other) => other !== one))} /><span>{one.starts}</span><span className="soft small">{plural(one.assets, "asset")}</span></label>
        </li>
      ))}</ul>
    </Panel>
  );
}

/** A plan tells of what was not selected too. */
const selected = (plan: PlanAnswer): PlanItemDocument[] => plan.items.filter((item) => item.code !== "not-selected");

const PARTS = [
  ["build", "running", "Build"],
  ["maybe", "maybe", "Maybe"],
  ["reuse", "reuse", "Up to date"],
  ["skip", "skipped", "Skipped"],
] as const;

function Plan({ plan, select }: { plan: PlanAnswer; select: string }) {
  const [word, setWord] = useState("");
  const chosen = selected(plan);
  const shown = chosen.filter((item) => !word || item.name.includes(word));
  const takes = new Map(plan.items.map((item, at) => [item, plan.takes[at]]));
  if (!chosen.length) return <Panel title="Plan"><Empty title="The selection finds nothing">Another selection, or <code>penstock assets</code> to see what there is.</Empty></Panel>;
  return (
    <Panel title="Plan" note={plural(chosen.length, "item")} end={<><label className="field"><Icon name="search" size={14} /><input value={word} placeholder="Filter plan" aria-label="Filter plan" onChange={(event) => setWord(event.target.value)} /></label><a className="small only-wide" href={to("graph", "", { select, lens: "next" })}>Show in graph</a></>}>
      {plan.notes.map((note) => <div key={note} className="body small soft">{note}</div>)}
      {PARTS.map(([decision, state, title]) => {
        const items = shown.filter((item) => decided(item) === decision);
        return items.length > 0 && <Part key={decision} state={state} title={title} items={items} takes={takes} work={plan.work[decision]} open={decision === "build" || decision === "maybe"} />;
      })}
    </Panel>
  );
}

function Part({ state, title, items, takes, work, open: first }: { state: string; title: string; items: PlanItemDocument[]; takes: Map<PlanItemDocument, number | null | undefined>; work: number | undefined; open: boolean }) {
  const [open, setOpen] = useState(first);
  const [most, setMost] = useState(40);
  const now = useNow(60_000);
  const checks = items.filter((item) => item.kind === "check").length;
  return (
    <section>
      <button type="button" className="group-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "down" : "right"} size={12} />{state === "running" ? <span className="tone-accent"><Icon name="play" size={13} /></span> : <StateIcon state={state} />}
        <span className="strong">{title}</span><span className="strong">{items.length - checks || checks}</span><span className="muted">{checks && items.length > checks ? `with ${plural(checks, "check")}` : ""}</span>
        {work !== undefined && <span className="muted small end">{state === "reuse" ? "saves " : ""}~{duration(work)}</span>}
      </button>
      {open && (
        <div className="scroll">
          <table className="planned"><tbody>
            {items.slice(0, most).map((item) => (
              <tr key={`${item.key.namespace}|${item.key.name}`}>
                <td><span className="state"><Icon name={kindIcon(item.kind, item.resource_type)} size={14} />{item.kind === "check" ? <span className="mono ellipsis" title={item.name}>{item.name}</span> : <a className="mono ink ellipsis" title={item.name} href={to("asset", item.name)}>{item.name}</a>}</span></td>
                <td className="soft small hide-phone ellipsis">{item.by.integration}/{item.by.instance}</td>
                <td className="soft small wrap">{zoned(item.reason, now)}</td>
                <td className="number soft">{duration(takes.get(item))}</td>
              </tr>
            ))}
          </tbody></table>
          {items.length > most && <div className="body"><button type="button" className="button small" onClick={() => setMost(most + 400)}>{items.length - most} more</button></div>}
        </div>
      )}
    </section>
  );
}
