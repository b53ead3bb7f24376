/** Shows, to eyes alone, whether somebody is there. */
export function PresenceDot({ isOnline }: { readonly isOnline: boolean }) {
  return (
    <span className={`size-2 shrink-0 rounded-full ${isOnline ? "bg-online" : "border border-control"}`} aria-hidden />
  );
}
