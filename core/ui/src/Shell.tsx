/** Rail, top bar and, on a phone, the bar of tabs. */
import { useContext, type ReactNode } from "react";
import { useNow } from "./clock";
import { age } from "./parts/format";
import { Icon } from "./parts/Icon";
import { Search } from "./parts/Search";
import { State, StateIcon } from "./parts/State";
import { ProjectContext } from "./project";
import { to, type Place } from "./route";
import { toggle, useTheme } from "./theme";

const PAGES = [
  ["overview", "Overview"],
  ["graph", "Graph"],
  ["runs", "Runs"],
  ["automation", "Automation"],
  ["freshness", "Freshness"],
  ["alerts", "Alerts"],
  ["checks", "Checks"],
  ["cost", "Cost"],
  ["findings", "Findings"],
] as const;
/** On a phone; "More" is the page of settings, which leads to the others. */
const TABS = [["overview", "Overview", "overview"], ["graph", "Graph", "graph"], ["runs", "Runs", "runs"], ["alerts", "Alerts", "alerts"], ["settings", "More", "more"]] as const;
const BELOW: Record<string, string> = { asset: "graph", column: "graph", launch: "", people: "settings", compare: "runs" };

export function Shell({ place, children }: { place: Place; children: ReactNode }) {
  const at = BELOW[place.page] ?? place.page;
  const known = useContext(ProjectContext);
  return (
    <div className="shell">
      <a className="skip" href="#content" onClick={(event) => (event.preventDefault(), document.getElementById("content")?.focus())}>
        To the content
      </a>
      <Rail at={at} />
      <TopBar place={place} />
      <main id="content" tabIndex={-1}>{children}</main>
      <nav className="tabbar" aria-label="Pages">
        {TABS.map(([name, words, icon]) => (
          <a key={name} href={to(name)} aria-current={at === name || (name === "settings" && !TABS.some(([one]) => one === at)) ? "page" : undefined}>
            <span className="tab-icon"><Icon name={icon} size={20} />{name === "alerts" && known && known.incidents.length > 0 && <span className="badge">{known.incidents.length}</span>}</span>
            {words}
          </a>
        ))}
      </nav>
    </div>
  );
}

function Rail({ at }: { at: string }) {
  const known = useContext(ProjectContext);
  const counts: Record<string, string> = {
    graph: known ? String(known.project.assets) : "",
    runs: known?.live.length ? `${known.live.length} live` : "",
    findings: known?.project.findings ? String(known.project.findings) : "",
  };
  return (
    <div className="rail">
      <div className="brand">penstock</div>
      <nav aria-label="Pages">
        {PAGES.map(([name, words]) => (
          <a key={name} href={to(name)} aria-current={at === name ? "page" : undefined}>
            <Icon name={name} />
            {words}
            {name === "alerts" && known && known.incidents.length > 0 ? <span className="count"><State state="failed" words={String(known.incidents.length)} /></span> : counts[name] && <span className="count">{counts[name]}</span>}
          </a>
        ))}
        <div className="spring" />
        <a href={to("settings")} aria-current={at === "settings" ? "page" : undefined}>
          <Icon name="settings" />
          Settings
        </a>
      </nav>
      <Observed />
    </div>
  );
}

function Observed() {
  const known = useContext(ProjectContext);
  const now = useNow(5000);
  const times = Object.values(known?.project.as_of ?? {}).sort();
  const oldest = times[0];
  const stale = Object.keys(known?.project.not_refreshed ?? {});
  return (
    <div className="foot">
      <div>{oldest ? `Observed ${age(oldest, now)} ago` : "Not observed yet"}</div>
      <Daemon />
      {stale.length > 0 && (
        <a href={to("settings")} className="state tone-warn">
          <StateIcon state="warn" size={12} /> {stale.length} not refreshed
        </a>
      )}
    </div>
  );
}

function Daemon() {
  const automation = useContext(ProjectContext)?.automation.data;
  if (!automation) return null;
  const alive = automation.daemons.some((one) => one.alive);
  if (!alive && automation.schedules.length === 0) return null; // nothing waits for one
  return <a href={to("automation")} className="plain-link">{automation.paused ? <State state="paused" words="Automation paused" /> : alive ? <State state="ended" words="Daemon running" /> : <State state="late" words="No daemon runs" />}</a>;
}

function TopBar({ place }: { place: Place }) {
  const known = useContext(ProjectContext);
  const theme = useTheme();
  return (
    <div className="topbar">
      <a className="button" href={to("settings")} title="The environment that this server shows" aria-label={`Environment ${known?.project.environment ?? ""}`}>
        <span className="square" />
        {known?.project.environment ?? "…"}
      </a>
      <Search />
      <span className="grow" />
      <button type="button" className="button icon plain" onClick={toggle} aria-label={theme === "dark" ? "Light colours" : "Dark colours"}>
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
      {known && known.project.me.login !== "none" && (
        <a className="button plain only-wide" href={to("people")} title="Who is logged in">
          <Icon name="people" /> {known.project.me.user}
        </a>
      )}
      <a className={`button${place.page === "launch" || place.page === "runs" ? "" : " primary"}`} href={to("launch")} aria-label="Plan & run">
        <Icon name="play" size={14} />
        <span className="only-wide">Plan &amp; run</span>
      </a>
    </div>
  );
}
