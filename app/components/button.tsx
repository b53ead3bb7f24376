import clsx from "clsx";
import type { ComponentProps } from "react";

type Kind = "primary" | "secondary" | "quiet" | "danger";

/** The look of a button, for links that act like one. */
export function buttonStyle(kind: Kind): string {
  return clsx(
    "inline-flex min-h-11 items-center justify-center gap-2 rounded-xl px-4 py-2 font-medium transition-colors",
    "disabled:cursor-not-allowed disabled:opacity-60",
    kind === "primary" && "bg-accent text-on-accent hover:opacity-90",
    kind === "secondary" && "border border-control bg-surface hover:bg-soft",
    kind === "quiet" && "text-accent hover:bg-soft",
    kind === "danger" && "bg-danger text-surface hover:opacity-90",
  );
}

interface Props extends ComponentProps<"button"> {
  readonly kind?: Kind;
}

export function Button({ kind = "primary", className, type = "submit", ...rest }: Props) {
  return <button type={type} className={clsx(buttonStyle(kind), className)} {...rest} />;
}
