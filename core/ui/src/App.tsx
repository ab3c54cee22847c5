/** The frame of all pages: who asks, what the project is, where the reader is. */
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useAsk } from "./api/client";
import { useLive } from "./api/live";
import type { AutomationDocument, FreshnessDocument, IncidentsDocument, ProjectDocument, RunsDocument, StatusDocument } from "./api/types";
import { Alerts } from "./pages/Alerts";
import { Asset } from "./pages/Asset";
import { Automation } from "./pages/Automation";
import { Checks } from "./pages/Checks";
import { Column } from "./pages/Column";
import { Compare } from "./pages/Compare";
import { Cost } from "./pages/Cost";
import { Findings } from "./pages/Findings";
import { Freshness } from "./pages/Freshness";
import { Graph } from "./pages/Graph";
import { Launch } from "./pages/Launch";
import { Login } from "./pages/Login";
import { Overview } from "./pages/Overview";
import { People } from "./pages/People";
import { Run } from "./pages/Run";
import { Runs } from "./pages/Runs";
import { Settings } from "./pages/Settings";
import { Empty, Loading, Trouble } from "./parts/Panel";
import { isLive } from "./parts/states";
import { ProjectContext, type Known } from "./project";
import { usePlace, type Place } from "./route";
import { Shell } from "./Shell";

function page(place: Place): ReactNode {
  switch (place.page) {
    case "overview": return <Overview />;
    case "graph": return <Graph place={place} />;
    case "asset": return <Asset key={place.part} name={place.part} place={place} />;
    case "column": return <Column key={place.part} of={place.part} place={place} />;
    case "runs": return place.part ? <Run key={place.part} run={place.part} place={place} /> : <Runs place={place} />;
    case "launch": return <Launch place={place} />;
    case "automation": return <Automation />;
    case "freshness": return <Freshness />;
    case "alerts": return <Alerts place={place} />;
    case "checks": return <Checks />;
    case "cost": return <Cost place={place} />;
    case "compare": return <Compare key={place.part} place={place} />;
    case "findings": return <Findings />;
    case "settings": return <Settings />;
    case "people": return <People />;
    default: return <Empty title="There is no such page">Choose one on the left.</Empty>;
  }
}

export function App() {
  const place = usePlace();
  const [turn, setTurn] = useState(0);
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    const refuse = (event: Event) => setRefused(String((event as CustomEvent<unknown>).detail ?? ""));
    window.addEventListener("penstock:login", refuse);
    return () => window.removeEventListener("penstock:login", refuse);
  }, []);
  if (refused !== null || place.page === "login") return <Login hint={refused ?? ""} done={() => (setRefused(null), setTurn(turn + 1))} />;
  return <Inside key={turn} place={place} />;
}

function Inside({ place }: { place: Place }) {
  const project = useAsk<ProjectDocument>("project");
  const status = useAsk<StatusDocument>("status");
  const runs = useAsk<RunsDocument>("runs", { limit: 50 });
  const promises = useAsk<FreshnessDocument>("freshness");
  const incidents = useAsk<IncidentsDocument>("incidents", { open: true, limit: 100 });
  const automation = useAsk<AutomationDocument>("automation", { limit: 50 });
  useLive("runs", () => (runs.again(), status.again()), 1000);
  useLive("runs", () => (promises.again(), incidents.again(), automation.again()), 5000);
  useEffect(() => {
    // Data grows old and daemons fall silent without an event.
    const timer = setInterval(() => document.hidden || (promises.again(), incidents.again(), automation.again()), 30_000);
    return () => clearInterval(timer);
  }, [promises.again, incidents.again, automation.again]);
  useLive("graph", () => (project.again(), status.again()), 1000);
  const known = useMemo<Known | null>(
    () =>
      project.data
        ? {
            project: project.data,
            status: new Map((status.data?.assets ?? []).map((one) => [one.name, one])),
            statusAsked: status,
            live: (runs.data?.runs ?? []).filter((run) => isLive(run.state)),
            promises: new Map((promises.data?.promises ?? []).map((one) => [one.name, one])),
            promisesAsked: promises,
            incidents: incidents.data?.incidents ?? [],
            incidentsAsked: incidents,
            automation,
          }
        : null,
    [project.data, status.data, status.error, runs.data, promises.data, promises.error, incidents.data, incidents.error, automation.data, automation.error],
  );
  return (
    <ProjectContext value={known}>
      <Shell place={place}>
        {known ? page(place) : <div className="page">{project.error ? <Trouble error={project.error} again={project.again} /> : <Loading />}</div>}
      </Shell>
    </ProjectContext>
  );
}

