import { act, type ReactElement } from "react";
import { createRoot } from "react-dom/client";
import { createMemoryRouter, type RouteObject, RouterProvider } from "react-router-dom";
import { vi } from "vitest";
import { initialTimeline } from "../realtime/initial.ts";
import type { Timeline } from "../realtime/timeline.ts";
import type { ConversationActions } from "./use-conversation.ts";

/** A page of a test in happy-dom, with what a person finds on it by the words that stand there. */
export interface TestPage {
  readonly text: () => string;
  button(name: string): HTMLButtonElement;
  press(name: string): Promise<void>;
  /** Opens a menu by keyboard and chooses something from it. */
  choose(menu: string, item: string): Promise<void>;
  /** Sets the value of the field with this id. */
  fill(id: string, value: string): Promise<void>;
  /** Waits until a condition holds. */
  until(holds: () => void): Promise<void>;
}

/** Shows an element in English, with the routes that it calls beside it. */
export async function show(element: ReactElement, routes: readonly RouteObject[] = []): Promise<TestPage> {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  document.body.innerHTML = "<div></div>";
  const [host] = document.body.children;
  if (host === undefined) throw new Error("There is no page.");
  const router = createMemoryRouter([{ path: "/", element }, ...routes]);
  await act(async () => createRoot(host).render(<RouterProvider router={router} />));
  const button = (name: string) => {
    const found = [...document.querySelectorAll("button")].find((one) =>
      (one.getAttribute("aria-label") ?? one.textContent ?? "").includes(name),
    );
    if (found === undefined) throw new Error(`There is no button "${name}".`);
    return found;
  };
  return {
    text: () => document.body.textContent ?? "",
    button,
    press: (name) => act(async () => button(name).click()),
    async choose(menu, item) {
      await act(async () => button(menu).dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
      const found = [...document.querySelectorAll<HTMLElement>("[role=menuitem]")].find(
        ({ textContent }) => textContent === item,
      );
      if (found === undefined) throw new Error(`There is nothing called "${item}" in the menu.`);
      await act(async () => found.click());
    },
    fill: (id, value) =>
      act(async () => {
        const field = document.getElementById(id);
        if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement))
          throw new Error(`No field ${id}.`);
        field.value = value;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }),
    until: (holds) => act(() => vi.waitFor(holds)),
  };
}

/** A route that answers with `data` and keeps the forms that are sent to it. */
export function recordingRoute(path: string, data: object, answer: () => object | null = () => ({})) {
  const forms: Record<string, FormDataEntryValue>[] = [];
  const route: RouteObject = {
    path,
    loader: () => data,
    action: async ({ request }) => {
      forms.push(Object.fromEntries(await request.formData()));
      return answer();
    },
  };
  return { route, forms };
}

/** Ana, who owns it and reads English, and Ben, a member who reads French; Ben wrote the messages. */
export function timelineOf(...messages: readonly object[]): Timeline {
  const person = (name: string, role: string, readingLanguage: string) => ({
    userId: name.toLowerCase(),
    username: name.toLowerCase(),
    displayName: name,
    role,
    readingLanguage,
  });
  return initialTimeline({
    userId: "ana",
    title: "Trip",
    translates: true,
    members: [person("Ana", "owner", "en"), person("Ben", "member", "fr")],
    messages,
    hasMore: false,
    now: 0,
  });
}

/** Actions that only keep which messages were pinned or unpinned. */
export function recordingActions() {
  const pins: (readonly [messageId: string, remove: boolean])[] = [];
  const nothing = () => {};
  const actions: ConversationActions = {
    send: nothing,
    retry: nothing,
    discard: nothing,
    edit: nothing,
    remove: nothing,
    react: nothing,
    pin: (messageId, remove) => pins.push([messageId, remove]),
    read: nothing,
    typing: nothing,
    loadOlder: nothing,
  };
  return { actions, pins };
}
