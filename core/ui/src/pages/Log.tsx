/** The log of one step, growing while it runs; searched and saved here. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, get } from "../api/client";
import { useLive } from "../api/live";
import type { LogDocument } from "../api/types";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Panel";
import { isLive } from "../parts/states";

const MOST = 400_000; // characters kept on the page; the file has all

interface Read {
  text: string;
  offset: number;
  attempt: number | undefined;
  state: string;
  missing: string | null;
  cut: boolean;
}
const NOTHING: Read = { text: "", offset: 0, attempt: undefined, state: "", missing: null, cut: false };

/** Colours and cursor moves of a terminal are not text. */
// eslint-disable-next-line no-control-regex
export const plain = (text: string): string => text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g, "");

function useLog(run: string, step: string): Read {
  const [read, setRead] = useState<Read>(NOTHING);
  const at = useRef(NOTHING);
  const busy = useRef(false);
  const more = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      for (;;) {
        const was = at.current;
        const found = await get<LogDocument>(`runs/${run}/log`, { step, offset: was.offset });
        const fresh = was.attempt !== undefined && was.attempt !== found.attempt;
        if (fresh && was.offset > 0) {
          at.current = { ...NOTHING, attempt: found.attempt }; // another attempt began: from its first byte
          continue;
        }
        const text = was.text + plain(found.text);
        at.current = { text: text.slice(-MOST), offset: found.offset, attempt: found.attempt, state: found.state, missing: found.missing, cut: was.cut || text.length > MOST };
        setRead(at.current);
        if (!found.text) return;
      }
    } catch (error) {
      setRead({ ...at.current, missing: error instanceof ApiProblem ? `${error.title} ${error.detail}` : String(error) });
    } finally {
      busy.current = false;
    }
  }, [run, step]);
  useEffect(() => void more(), [more]);
  useLive("runs", () => void more(), 400);
  useEffect(() => {
    if (!isLive(read.state || "running")) return undefined;
    const timer = setInterval(() => void more(), 1500);
    return () => clearInterval(timer);
  }, [more, read.state]);
  return read;
}

/** All of the newest attempt's log, which may be more than the page keeps. */
async function whole(run: string, step: string): Promise<string> {
  let text = "";
  for (let offset = 0; ; ) {
    const found = await get<LogDocument>(`runs/${run}/log`, { step, offset });
    if (!found.text) return text;
    text += plain(found.text);
    offset = found.offset;
  }
}

export function Log({ run, step, steps, choose }: { run: string; step: string; steps: string[]; choose: (step: string) => void }) {
  const { text, missing, cut, state } = useLog(run, step);
  const [word, setWord] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const low = useRef(true);
  useEffect(() => {
    if (low.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  const lines = text.split("\n");
  const found = word ? lines.filter((line) => line.toLowerCase().includes(word.toLowerCase())).length : 0;
  const save = async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([cut ? await whole(run, step) : text], { type: "text/plain" }));
    link.download = `run-${run}-${step.replaceAll(/[^\w.-]+/g, "-")}.log`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <Panel
      title="Log"
      note={<select aria-label="Step" className="mono" value={step} onChange={(event) => choose(event.target.value)}>{steps.map((one) => <option key={one}>{one}</option>)}</select>}
      end={<><label className="field"><Icon name="search" size={14} /><input size={10} value={word} placeholder="Find" aria-label="Find in the log" onChange={(event) => setWord(event.target.value)} /><span className="muted small">{word ? found : ""}</span></label><button type="button" className="button small plain" aria-label="Save the log" onClick={() => void save()}><Icon name="download" size={14} /></button></>}
    >
      <div className="log mono" ref={box} tabIndex={0} role="log" aria-label={`Log of ${step}`} onScroll={(event) => (low.current = event.currentTarget.scrollHeight - event.currentTarget.scrollTop - event.currentTarget.clientHeight < 40)}>
        {cut && <div className="muted">The beginning is in the file only.</div>}
        {missing && <div className="muted">{missing}</div>}
        {!missing && state === "" && <div className="muted" aria-busy="true">Reading</div>}
        {!missing && !text && state !== "" && <div className="muted">{isLive(state) ? "Nothing is written yet" : "Nothing was written"}</div>}
        {lines.slice(-3000).map((line, at) => <Line key={at} line={line} word={word} />)}
      </div>
    </Panel>
  );
}

function Line({ line, word }: { line: string; word: string }) {
  const bad = /\b(error|failed|failure|fatal)\b/i.test(line) && !/\b0 (errors?|failed)\b|error=0/i.test(line);
  const at = word ? line.toLowerCase().indexOf(word.toLowerCase()) : -1;
  const body = at < 0 ? line : <>{line.slice(0, at)}<mark>{line.slice(at, at + word.length)}</mark>{line.slice(at + word.length)}</>;
  return bad ? <span className="bad">{body}</span> : <div>{body || "\u00a0"}</div>;
}
