/** Who or what began a run, from its key and its command. Pure. */
import type { RunRecord } from "../api/types";

export interface Trigger {
  icon: string;
  words: string;
  who: string;
}

export function trigger(run: Pick<RunRecord, "key" | "command" | "retry_of">): Trigger {
  const scheduled = /^(schedule|event):(.+?)@(.*)$/.exec(run.key ?? "");
  if (scheduled) {
    const [, kind, name = "", rest = ""] = scheduled;
    return { icon: "automation", words: kind === "event" ? `${name}, on ${rest.split(":")[0]}` : name, who: "automation" };
  }
  const person = /^started by (.+) in the browser$/.exec(run.command);
  const who = person?.[1] ?? "";
  const words = person ? `${who}, here` : "Command line";
  if (run.retry_of) return { icon: "retry", words: `Retry, ${words.charAt(0).toLowerCase()}${words.slice(1)}`, who };
  return { icon: person ? "people" : "terminal", words, who };
}
