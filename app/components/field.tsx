import type { ComponentProps, ReactNode } from "react";
import { languages } from "../../proto/languages.ts";

const control = "min-h-11 w-full rounded-xl border border-control bg-surface px-3 py-2 aria-invalid:border-danger";

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

/** A labelled text field with its hint and error, which assistive technology reads with it. */
export function TextField({ name, label, hint, error, ...rest }: FieldProps & ComponentProps<"input">) {
  return (
    <FieldFrame name={name} label={label} hint={hint} error={error}>
      <input id={name} name={name} className={control} {...descriptionOf(name, hint, error)} {...rest} />
    </FieldFrame>
  );
}

/** The choice of a language, each in its own words. */
export function LanguageField({ name, label, hint, error, ...rest }: FieldProps & ComponentProps<"select">) {
  return (
    <FieldFrame name={name} label={label} hint={hint} error={error}>
      <select id={name} name={name} className={control} {...descriptionOf(name, hint, error)} {...rest}>
        {languages.map((language) => (
          <option key={language.code} value={language.code} lang={language.code} dir={language.direction}>
            {language.name}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

function FieldFrame({ name, label, hint, error, children }: FieldProps & { readonly children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <label htmlFor={name} className="font-medium">
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${name}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${name}-error`} className="text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

function descriptionOf(name: string, hint: string | undefined, error: string | undefined) {
  const ids = [...(hint === undefined ? [] : [`${name}-hint`]), ...(error === undefined ? [] : [`${name}-error`])];
  return {
    ...(ids.length > 0 && { "aria-describedby": ids.join(" ") }),
    ...(error !== undefined && { "aria-invalid": true }),
  };
}
