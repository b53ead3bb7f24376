import { useEffect, useState } from "react";
import type { ConnectionState } from "../realtime/connection.ts";
import { useStrings } from "../use-strings.ts";

/** Milliseconds that a short interruption goes unmentioned. */
const patience = 1_500;

const closedReasons = {
  401: "closedSignIn",
  404: "closedRemoved",
  4403: "closedRemoved",
  4409: "closedElsewhere",
} as const;
type KnownCode = keyof typeof closedReasons;
const isKnown = (code: number): code is KnownCode => code in closedReasons;

/** Says that the conversation is not live, and what to do about it. */
export function ConnectionBanner({ state }: { readonly state: ConnectionState }) {
  const t = useStrings();
  const isInterrupted = useLasting(state.kind === "waiting" || state.kind === "connecting", patience);
  if (state.kind === "closed" && state.code !== 1000) {
    return (
      <p role="alert" className="flex items-center justify-between gap-3 bg-soft px-4 py-2 md:px-6">
        {t(isKnown(state.code) ? closedReasons[state.code] : "closedOther")}
        <a href={state.code === 401 ? "/signin" : ""} className="font-medium text-accent underline">
          {t(state.code === 401 ? "signIn" : "reload")}
        </a>
      </p>
    );
  }
  return (
    <p role="status" className={isInterrupted ? "bg-soft px-4 py-2 md:px-6" : "sr-only"}>
      {isInterrupted && t("reconnecting")}
    </p>
  );
}

/** Whether something has been so for a while. */
function useLasting(isSo: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!isSo) {
      setLasts(false);
      return;
    }
    const timer = setTimeout(() => setLasts(true), ms);
    return () => clearTimeout(timer);
  }, [isSo, ms]);
  return lasts;
}
