/** A state as sign and word: colour alone says nothing. */
import { shown, type Sign } from "./states";

const RING = { fill: "none", stroke: "currentColor", strokeWidth: 1.6 };
const ON = { fill: "none", stroke: "var(--panel)", strokeWidth: 1.7, strokeLinecap: "round" as const };

function Drawn({ sign }: { sign: Sign }) {
  switch (sign) {
    case "disc":
      return <><circle cx="8" cy="8" r="6.500" fill="currentColor" /><path d="M5.300 8.200l1.900 1.900 3.500-4" {...ON} /></>;
    case "octagon":
      return <><path d="M5.300 1.500h5.400l3.800 3.800v5.400l-3.800 3.800H5.300l-3.800-3.800V5.300z" fill="currentColor" /><path d="M6 6l4 4M10 6l-4 4" {...ON} /></>;
    case "triangle":
      return <><path d="M8 1.800l6.800 12.200H1.200z" fill="currentColor" strokeLinejoin="round" /><path d="M8 6.500v3.300M8 11.900v.1" {...ON} /></>;
    case "clock":
      return <><circle cx="8" cy="8" r="6.500" fill="currentColor" /><path d="M8 4.800V8l2.200 1.400" {...ON} /></>;
    case "pause":
      return <><circle cx="8" cy="8" r="6.500" fill="currentColor" /><path d="M6.300 5.800v4.400M9.700 5.800v4.400" {...ON} /></>;
    case "hourglass":
      return <path d="M3.500 2h9M3.500 14h9M4.500 2c0 4 7 8 7 12M11.500 2c0 4-7 8-7 12" {...RING} />;
    case "arc":
      return <g className="turning"><circle cx="8" cy="8" r="5.700" {...RING} opacity="0.3" /><path d="M8 2.300a5.700 5.700 0 0 1 5.700 5.700" {...RING} strokeWidth="2" /></g>;
    case "dashed":
      return <circle cx="8" cy="8" r="5.700" {...RING} strokeDasharray="2.500 2" />;
    case "loop":
      return <path d="M3 7a5 5 0 0 1 8.800-2.300M13 9a5 5 0 0 1-8.800 2.300M12 2v3H9M4 14v-3h3" {...RING} />;
    case "slash":
      return <><circle cx="8" cy="8" r="5.700" {...RING} /><path d="M4.200 11.800l7.600-7.600" {...RING} /></>;
    case "question":
      return <><circle cx="8" cy="8" r="5.700" {...RING} strokeDasharray="2.500 2" /><path d="M6.500 6.500a1.500 1.500 0 1 1 1.500 1.700v.6M8 10.800v.1" {...RING} /></>;
    case "broken":
      return <><path d="M8 2.300a5.700 5.700 0 1 1-5 3M8 5.200v3.300M8 10.800v.1" {...RING} /></>;
    case "square":
      return <><circle cx="8" cy="8" r="5.700" {...RING} /><rect x="6" y="6" width="4" height="4" fill="currentColor" /></>;
  }
}

export function StateIcon({ state, size = 14 }: { state: string | null | undefined; size?: number }) {
  const { sign, tone } = shown(state);
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" className={`state-icon tone-${tone}`}>
      <Drawn sign={sign} />
    </svg>
  );
}

/** `words` replaces the label, for a count or a length beside the sign. */
export function State({ state, words, pill }: { state: string | null | undefined; words?: string; pill?: boolean }) {
  const { label, tone } = shown(state);
  return (
    <span className={`state tone-${tone}${pill ? " pill" : ""}`}>
      <StateIcon state={state} />
      {words ?? label}
    </span>
  );
}
