import type { FormErrors } from "../session.server.ts";
import { useStrings } from "../use-strings.ts";
import { ErrorForm } from "./form.tsx";
import { NameAndLanguage } from "./name-and-language.tsx";

interface Props {
  /** BCP 47 code that is chosen at first. */
  readonly language: string;
  readonly errors: FormErrors | undefined;
}

/** Joins without an account: a name and a language are all that a guest needs. */
export function GuestForm({ language, errors }: Props) {
  const t = useStrings();
  return (
    <section aria-labelledby="guest" className="grid gap-4 border-t border-line pt-6">
      <div>
        <h2 id="guest" className="text-lg font-semibold">
          {t("guestTitle")}
        </h2>
        <p className="text-muted">{t("guestHint")}</p>
      </div>
      <ErrorForm errors={errors} submit={t("joinAsGuest")}>
        <NameAndLanguage language={language} errors={errors} />
      </ErrorForm>
    </section>
  );
}
