export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const cookieName = "meeshy_theme";
const isTheme = (value: string | undefined): value is Theme => themes.some((theme) => theme === value);

/** The appearance that this browser chose; "system" until it chooses. */
export function themeOf(request: Request): Theme {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  const value = pairs.find(([name]) => name === cookieName)?.[1];
  return isTheme(value) ? value : "system";
}

/** The Set-Cookie that keeps a choice for a year; undefined when it is none of the themes. */
export function themeCookie(theme: string): string | undefined {
  return isTheme(theme) ? `${cookieName}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax` : undefined;
}
