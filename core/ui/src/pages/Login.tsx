/** For strangers: on this machine the printed URL, elsewhere a name and a password. */
import { useState } from "react";
import { ApiProblem, post } from "../api/client";
import { Command } from "../parts/Panel";
import { go, to } from "../route";

export function Login({ hint, done }: { hint: string; done: () => void }) {
  const byUrl = hint.includes("URL");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    post("login", { user, password }).then(
      () => (go(to("overview")), done()),
      (error: unknown) => (setBusy(false), setProblem(error instanceof ApiProblem ? `${error.title}. ${error.hint}` : "The server does not answer.")),
    );
  };
  return (
    <main className="page">
      <div className="panel login">
        <header><h1>penstock</h1></header>
        {byUrl ? (
          <div className="empty">
            <h2>Open the URL that penstock web printed</h2>
            <p>It holds a word that is good once. For another browser the terminal shows a new one.</p>
            <Command line="penstock web" />
          </div>
        ) : (
          <form onSubmit={submit}>
            <label>User<span className="field"><input value={user} onChange={(event) => setUser(event.target.value)} autoComplete="username" autoFocus required /></span></label>
            <label>Password<span className="field"><input type="password" value={password} onChange={(event) => setPassword(event.target.value)} autoComplete="current-password" required /></span></label>
            {problem && <p role="alert" className="tone-bad">{problem}</p>}
            <button className="button primary" disabled={busy}>Log in</button>
          </form>
        )}
      </div>
    </main>
  );
}
