/** Who or what began a run, from its key and its command. Pure. */
import type { RunRecord } from "../api/types";

export interface Trigger {
  icon: string;
  words: string;
}

export function trigger(run: Pick<RunRecord, "key" | "command" | "retry_of">): Trigger {
  const scheduled = /^(schedule|event):(.+?)@(.*)$/.exec(run.key ?? "");
  if (scheduled) {
    const [, kind, name = "", rest = ""] = scheduled;
    return { icon: "automation", words: kind === "event" ? `${name}, on ${rest.split(":")[0]}` : name };
  }
  const person = /^started by (.+) in the browser$/.exec(run.command);
  const who = person ? `${person[1]}, here` : "Command line";
  if (run.retry_of) return { icon: "retry", words: `Retry, ${who.charAt(0).toLowerCase()}${who.slice(1)}` };
  return { icon: person ? "people" : "terminal", words: who };
}
