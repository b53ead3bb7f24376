import type { FormErrors } from "../session.server.ts";
import { useStrings } from "../use-strings.ts";
import { LanguageField, TextField } from "./field.tsx";

interface Props {
  /** The name that stands there at first; undefined: none. */
  readonly displayName?: string;
  /** BCP 47 code that is chosen at first. */
  readonly language: string;
  readonly errors: FormErrors | undefined;
}

/** What everybody is asked: what they are called, and what they read. */
export function NameAndLanguage({ displayName, language, errors }: Props) {
  const t = useStrings();
  return (
    <>
      <TextField
        name="displayName"
        label={t("displayName")}
        defaultValue={displayName}
        autoComplete="name"
        required
        error={errors?.fields.displayName}
      />
      <LanguageField
        name="readingLanguage"
        label={t("readingLanguage")}
        defaultValue={language}
        error={errors?.fields.readingLanguage}
      />
    </>
  );
}
