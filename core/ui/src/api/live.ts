/** The one stream of events of this tab. Pages say what they want to hear; the browser reconnects by itself. */
import { useEffect, useRef } from "react";
import { address } from "./client";

type Hearer = (topic: string) => void;

const hearers = new Set<Hearer>();
const TOPICS = { run: "runs", graph: "graph" } as const; // the event's name: the topic of those who hear it
let source: EventSource | null = null;

function tell(topic: string): void {
  for (const hearer of hearers) hearer(topic);
}

function open(): void {
  if (source || typeof EventSource === "undefined") return;
  source = new EventSource(address("events", { topics: Object.values(TOPICS).join(",") }));
  for (const [event, topic] of Object.entries(TOPICS)) source.addEventListener(event, () => tell(topic));
  // The server dropped what this tab had not read: everything is read anew.
  source.addEventListener("reload", () => Object.values(TOPICS).forEach(tell));
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null; // refused, as by a login that has ended: try again later, not at once
    setTimeout(() => hearers.size && open(), 5000);
  };
}

function close(): void {
  source?.close();
  source = null;
}

/** Calls `hear` at most once in `every` ms after events of the topic; the last of a burst is never lost. */
export function useLive(topic: "runs" | "graph", hear: () => void, every = 400): void {
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hearer: Hearer = (told) => {
      if (told === topic) timer ??= setTimeout(() => ((timer = undefined), latest.current()), every);
    };
    hearers.add(hearer);
    open();
    return () => {
      clearTimeout(timer);
      hearers.delete(hearer);
      if (!hearers.size) close();
    };
  }, [topic, every]);
}

/** Calls `hear` again and again while something runs: a process that dies tells of nothing, its run is read as interrupted. */
export function useWatched(runs: boolean, hear: () => void, every: number): void {
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => latest.current(), every);
    return () => clearInterval(timer);
  }, [runs, every]);
}
