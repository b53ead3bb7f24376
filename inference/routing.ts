import type { AvailableModel } from "./models/registry.ts";
import { segment } from "./text/segments.ts";
import type { Message } from "./text-translator.ts";

/** A message of at most so many characters (UTF-16 code units) may go to the model for short ones. */
export const shortCharacters = 50;

export interface RouteQuestion {
  readonly message: Message;
  readonly target: string;
  /** Name of the model that the request asks for. */
  readonly model: string | undefined;
  readonly shortCharacters: number;
}

/**
 * The models that may answer, the one that should first: the one asked for; for a short and simple message the model of the
 * route `short`, then that of `long`; the embedded one at the end. Only those that know both languages.
 */
export function route<Model extends Pick<AvailableModel, "name" | "route" | "description">>(
  models: readonly Model[],
  question: RouteQuestion,
): Model[] {
  const { message, target, model } = question;
  const ways = isSimple(message, question.shortCharacters)
    ? (["short", "long", "embedded"] as const)
    : (["long", "embedded"] as const);
  const chosen = models.filter(({ name }) => name === model);
  const routed = ways.flatMap((way) => models.filter((one) => one.route === way && one.name !== model));
  return [...chosen, ...routed].filter(
    ({ description: { languages } }) =>
      Object.hasOwn(languages, message.source.language) && Object.hasOwn(languages, target),
  );
}

/** Short, one line, one sentence. */
const isSimple = ({ text, masked, source }: Message, characters: number): boolean =>
  text.length <= characters &&
  segment(masked.text, source.language, masked.spans).filter(({ core }) => core !== "").length <= 1;
