import { data, type LoaderFunctionArgs, redirect } from "@remix-run/cloudflare";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { Button, buttonStyle } from "../components/button.tsx";
import { languageName, textAttributes } from "../components/languages.ts";
import { Wordmark } from "../components/wordmark.tsx";
import { findSignedIn } from "../session.server.ts";
import { useLocale, useStrings } from "../use-strings.ts";

export async function loader(args: LoaderFunctionArgs) {
  const signedIn = await findSignedIn(args);
  if (signedIn !== undefined) throw redirect("/conversations", { headers: signedIn.headers });
  return data({ demo: args.context.meeshy.demo });
}

const english = { language: "en", text: "Good morning! Shall we meet on Saturday?" };
const french = { language: "fr", text: "Bonjour ! On se voit samedi ?" };
const arabic = { language: "ar", text: "صباح الخير! هل نلتقي يوم السبت؟" };

/** By the language of the interface, which nobody needs translated. */
const examples = {
  en: { original: arabic, translated: english },
  fr: { original: arabic, translated: french },
  ar: { original: french, translated: arabic },
};

export default function Landing() {
  const { demo } = useLoaderData<typeof loader>();
  const t = useStrings();
  return (
    <div className="mx-auto grid min-h-dvh max-w-5xl content-start gap-12 px-6 py-8">
      <header>
        <Wordmark />
      </header>
      <main id="content" tabIndex={-1} className="grid items-center outline-none gap-12 md:grid-cols-2 md:py-16">
        <div className="grid gap-6">
          <h1 className="grid gap-1 text-4xl font-semibold tracking-tight text-balance sm:text-5xl">
            <span>{t("taglineWrite")} </span>
            <span>{t("taglineRead")}</span>
          </h1>
          <p className="max-w-prose text-lg text-muted">{t("pitch")}</p>
          <p className="flex flex-wrap gap-3">
            <Link to="/signup" className={buttonStyle("primary")}>
              {t("signUp")}
            </Link>
            <Link to="/signin" className={buttonStyle("secondary")}>
              {t("signIn")}
            </Link>
          </p>
        </div>
        <Example />
        {demo !== undefined && <DemoPeople demo={demo} />}
      </main>
    </div>
  );
}

function Example() {
  const t = useStrings();
  const { original, translated } = examples[useLocale()];
  return (
    <figure className="grid gap-4 rounded-3xl border border-line bg-surface p-6 sm:p-8">
      <figcaption className="sr-only">{t("exampleLabel")}</figcaption>
      <ExampleBubble label={t("exampleOriginal")} {...original} />
      <ExampleBubble label={t("exampleTranslated")} isMine {...translated} />
    </figure>
  );
}

interface BubbleProps {
  readonly label: string;
  readonly language: string;
  readonly text: string;
  readonly isMine?: boolean;
}

function ExampleBubble({ label, language, text, isMine = false }: BubbleProps) {
  return (
    <div className="grid gap-1.5">
      <p className="text-sm text-muted">{label}</p>
      <p className={`rounded-2xl px-4 py-3 text-lg ${isMine ? "bg-mine" : "bg-soft"}`} {...textAttributes(language)}>
        {text}
      </p>
    </div>
  );
}

type Demo = NonNullable<ReturnType<typeof useLoaderData<typeof loader>>["demo"]>;

function DemoPeople({ demo }: { readonly demo: Demo }) {
  const t = useStrings();
  const locale = useLocale();
  return (
    <section aria-labelledby="demo" className="grid gap-4 border-t border-line pt-8 md:col-span-2">
      <div>
        <h2 id="demo" className="text-lg font-semibold">
          {t("demoTitle")}
        </h2>
        <p className="text-muted">{t("demoHint")}</p>
      </div>
      <ul className="flex flex-wrap gap-3">
        {demo.people.map((person) => {
          const language = languageName(person.readingLanguage, locale);
          return (
            <li key={person.username}>
              <Form method="post" action="/signin">
                <input type="hidden" name="username" value={person.username} />
                <input type="hidden" name="password" value={demo.password} />
                <Button kind="secondary">
                  <span className="sr-only">{t("signInAs")}</span>
                  <bdi>{person.displayName}</bdi>
                  <span className="text-muted">{language}</span>
                </Button>
              </Form>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
