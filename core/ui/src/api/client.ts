/** Requests to penstock's API: JSON in and out, problems as errors, one shared memory of what was read. */
import { useCallback, useEffect, useRef, useState } from "react";

const ROOT = "api/v1/";

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly hint: string,
  ) {
    super(detail || title);
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function address(path: string, query: Query = {}): string {
  const told = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const words = new URLSearchParams(told.map(([name, value]) => [name, String(value)])).toString();
  return ROOT + path + (words ? `?${words}` : "");
}

interface Told {
  title?: string;
  detail?: string;
  hint?: string;
}

async function answered(response: Response): Promise<unknown> {
  if (response.ok) return response.status === 204 ? null : response.json();
  const told = (await response.json().catch(() => ({}))) as Told;
  if (response.status === 401) window.dispatchEvent(new CustomEvent("penstock:login", { detail: told.hint }));
  throw new ApiProblem(response.status, told.title ?? `HTTP ${response.status}`, told.detail ?? "", told.hint ?? "");
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await fetch(address(path, query), { headers: { accept: "application/json" }, signal });
  return (await answered(response)) as T;
}

/** `key` makes a second sending of the same request harmless. */
export async function post<T>(path: string, body: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json", "x-penstock": "1" };
  if (key) headers["idempotency-key"] = key;
  const response = await fetch(ROOT + path, { method: "POST", headers, body: JSON.stringify(body) });
  return (await answered(response)) as T;
}

export interface Asked<T> {
  data: T | undefined;
  error: unknown;
  again: () => void;
}

/** Ask when the page opens and when the question changes; what was there stays until the answer comes. */
export function useAsk<T>(path: string | null, query: Query = {}): Asked<T> {
  const place = path === null ? null : address(path, query);
  const [state, setState] = useState<{ place: string | null; data?: T; error?: unknown }>({ place: null });
  const [turn, setTurn] = useState(0);
  const asked = useRef({ path, query });
  asked.current = { path, query };
  useEffect(() => {
    if (place === null || asked.current.path === null) return undefined;
    const stop = new AbortController();
    get<T>(asked.current.path, asked.current.query, stop.signal).then(
      (data) => setState({ place, data }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState((was) => ({ place, error, data: was.place === place ? was.data : undefined }));
      },
    );
    return () => stop.abort();
  }, [place, turn]);
  const again = useCallback(() => setTurn((was) => was + 1), []);
  const same = state.place?.split("?")[0] === place?.split("?")[0];
  return { data: same ? state.data : undefined, error: state.place === place ? state.error : undefined, again };
}
