import clsx from "clsx";
import { ChevronDown } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { languages } from "../../proto/languages.ts";

const control = "min-h-11 w-full rounded-xl border border-control bg-surface px-3 py-2 aria-invalid:border-danger";

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

/** A labelled text field with its hint, or its error instead, which assistive technology reads with it. */
export function TextField({ name, label, hint, error, ...rest }: FieldProps & ComponentProps<"input">) {
  return (
    <FieldFrame name={name} label={label} hint={hint} error={error}>
      <input id={name} name={name} className={control} {...descriptionOf(name, hint, error)} {...rest} />
    </FieldFrame>
  );
}

/** A choice of one of a few options. */
export function SelectField({ name, label, hint, error, children, ...rest }: FieldProps & ComponentProps<"select">) {
  return (
    <FieldFrame name={name} label={label} hint={hint} error={error}>
      <span className="relative block">
        <select
          id={name}
          name={name}
          className={clsx(control, "appearance-none pe-10")}
          {...descriptionOf(name, hint, error)}
          {...rest}
        >
          {children}
        </select>
        <ChevronDown
          aria-hidden
          size={18}
          className="pointer-events-none absolute inset-y-0 end-3 my-auto text-muted"
        />
      </span>
    </FieldFrame>
  );
}

/** The choice of a language, each in its own words. */
export function LanguageField(props: FieldProps & ComponentProps<"select">) {
  return (
    <SelectField {...props}>
      {languages.map((language) => (
        <option key={language.code} value={language.code} lang={language.code}>
          {language.name}
        </option>
      ))}
    </SelectField>
  );
}

/** The choice of any number of languages. */
export function LanguagesField({
  name,
  label,
  hint,
  chosen,
}: Omit<FieldProps, "error"> & { readonly chosen: readonly string[] }) {
  return (
    <fieldset aria-describedby={hint === undefined ? undefined : `${name}-note`}>
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="grid grid-cols-2 gap-x-4">
        {languages.map(({ code, name: ownName }) => (
          <label key={code} className="flex min-h-9 items-center gap-3">
            <input
              type="checkbox"
              name={name}
              value={code}
              defaultChecked={chosen.includes(code)}
              className="size-5 accent-accent"
            />
            <span lang={code}>{ownName}</span>
          </label>
        ))}
      </div>
      {hint !== undefined && (
        <p id={`${name}-note`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </fieldset>
  );
}

function FieldFrame({ name, label, hint, error, children }: FieldProps & { readonly children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <label htmlFor={name} className="font-medium">
        {label}
      </label>
      {children}
      {(error ?? hint) !== undefined && (
        <p id={`${name}-note`} className={clsx("text-sm", error === undefined ? "text-muted" : "text-danger")}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

function descriptionOf(name: string, hint: string | undefined, error: string | undefined) {
  return {
    ...((error ?? hint) !== undefined && { "aria-describedby": `${name}-note` }),
    ...(error !== undefined && { "aria-invalid": true }),
  };
}
