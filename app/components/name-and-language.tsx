import type { FormErrors } from "../session.server.ts";
import { useStrings } from "../use-strings.ts";
import { LanguageField, TextField } from "./field.tsx";

interface Props {
  /** BCP 47 code that is chosen at first. */
  readonly language: string;
  readonly errors: FormErrors | undefined;
}

/** What everybody is asked who comes new: what they are called, and what they read. */
export function NameAndLanguage({ language, errors }: Props) {
  const t = useStrings();
  return (
    <>
      <TextField
        name="displayName"
        label={t("displayName")}
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
