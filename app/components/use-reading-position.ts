import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** CSS pixels from the end that still count as being there. */
const slack = 48;

interface Anchor {
  readonly element: Element;
  readonly top: number;
}

/**
 * Keeps the place that somebody reads: at the end it follows new messages; elsewhere the message at the top of the view
 * stays where it is when older ones arrive above it or a translation changes its height. `content` is what may change
 * it; the list has one child that holds all of it.
 */
export function useReadingPosition(list: RefObject<HTMLElement | null>, content: unknown) {
  const anchor = useRef<Anchor | undefined>(undefined);
  const follows = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const onScroll = useCallback(() => {
    const element = list.current;
    if (element === null) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight <= slack;
    anchor.current = firstVisible(element);
    setAtEnd(follows.current);
  }, [list]);

  const restore = useCallback(() => {
    const element = list.current;
    if (element === null) return;
    if (follows.current) element.scrollTop = element.scrollHeight;
    else if (anchor.current?.element.isConnected) {
      element.scrollTop += anchor.current.element.getBoundingClientRect().top - anchor.current.top;
    }
    anchor.current = firstVisible(element);
  }, [list]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changes the content may move it
  useLayoutEffect(restore, [restore, content]);
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const observer = new ResizeObserver(restore);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, [list, restore]);

  const goToEnd = useCallback(() => {
    follows.current = true;
    setAtEnd(true);
    restore();
  }, [restore]);

  return { isAtEnd, onScroll, goToEnd };
}

function firstVisible(list: HTMLElement): Anchor | undefined {
  const { top } = list.getBoundingClientRect();
  for (const element of list.querySelectorAll("[data-message]")) {
    const box = element.getBoundingClientRect();
    if (box.bottom > top) return { element, top: box.top };
  }
  return undefined;
}
