import type { Stack, StackOptions } from "../../scripts/local/stack.ts";
import { Person } from "./person.ts";
import { newStack } from "./stack.ts";

/** A stack of its own on which an English and a French person share a conversation. */
export interface TwoPeople {
  readonly stack: Stack;
  readonly english: Person;
  readonly french: Person;
  readonly conversation: string;
}

export async function twoPeople(options: Partial<StackOptions> = {}): Promise<TwoPeople> {
  const stack = await newStack(options);
  const [english, french] = await Promise.all([
    Person.register(stack.url, "en", "english"),
    Person.register(stack.url, "fr", "french"),
  ]);
  return { stack, english, french, conversation: await english.startConversation(french) };
}
