import { useEffect, useState } from "react";

/** The reader's time zone; UTC until the page lives, because the server cannot know it. */
export function useTimeZone(): string {
  const [timeZone, setTimeZone] = useState("UTC");
  useEffect(() => setTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  return timeZone;
}
