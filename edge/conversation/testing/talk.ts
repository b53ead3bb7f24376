import { uuidv7 } from "../../ids.ts";
import type { Person } from "../contract.ts";
import { roomOf, TestClient } from "./client.ts";

export const ana: Person = {
  userId: uuidv7(),
  username: "ana",
  displayName: "Ana",
  role: "owner",
  readingLanguage: "en",
};
export const ben: Person = {
  userId: uuidv7(),
  username: "ben",
  displayName: "Ben",
  role: "member",
  readingLanguage: "fr",
};

/** A new conversation with Ana and Ben in it. */
export async function talk() {
  const conversation = uuidv7();
  const [a, b] = [await TestClient.open(conversation, ana), await TestClient.open(conversation, ben)];
  return { conversation, room: roomOf(conversation), a, b };
}
