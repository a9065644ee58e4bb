/** Where a reader is on a page whose content is about to be replaced: by ids, which the new content has again. */

interface Whereabouts {
  page: [x: number, y: number];
  boxes: Map<string, [left: number, top: number]>;
  open: Map<string, boolean>;
  focused: string;
}

const boxes = (main: Element): Element[] => [...main.querySelectorAll(".scroll[id]")];
const foldables = (main: Element): HTMLDetailsElement[] => [...main.querySelectorAll<HTMLDetailsElement>("details[id]")];

export const whereabouts = (main: Element): Whereabouts => ({
  page: [scrollX, scrollY],
  boxes: new Map(boxes(main).map((box) => [box.id, [box.scrollLeft, box.scrollTop]])),
  open: new Map(foldables(main).map(({ id, open }) => [id, open])),
  focused: main.contains(document.activeElement) ? (document.activeElement?.id ?? "") : "",
});

export function settle(main: Element, before: Whereabouts): void {
  for (const one of foldables(main)) one.open = before.open.get(one.id) ?? one.open;
  for (const box of boxes(main)) [box.scrollLeft, box.scrollTop] = before.boxes.get(box.id) ?? [0, 0];
  if (before.focused) document.getElementById(before.focused)?.focus({ preventScroll: true });
  scrollTo({ left: before.page[0], top: before.page[1], behavior: "instant" });
}
