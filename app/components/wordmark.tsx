export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2 text-lg font-semibold tracking-tight">
      <img src="/icon.svg" alt="" width={28} height={28} />
      Meeshy
    </span>
  );
}
