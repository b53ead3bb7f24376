import {
  CacheTier,
  CacheTierSchema,
  type TranslationResult,
  TranslationStatusSchema,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import { Counter, Histogram, type Sample, toPrometheus, toSamples } from "./metrics.ts";

const secondsFast = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const secondsSlow = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

const accepted = new Counter(
  "meeshy_messages_accepted_total",
  "Sends, edits, deletions and reactions logged, by kind.",
);
const rejected = new Counter("meeshy_requests_rejected_total", "Requests refused, by error code.");
const deliveries = new Counter("meeshy_deliveries_total", "Events put on sockets.");
const opened = new Counter("meeshy_sockets_opened_total", "Sockets that joined a conversation.");
const closed = new Counter("meeshy_sockets_closed_total", "Sockets that left a conversation.");
const translations = new Counter("meeshy_translations_total", "Translations answered, by status and cache tier.");
const fleetErrors = new Counter("meeshy_fleet_errors_total", "Calls of an inference node that failed, by code.");
const fleet = new Histogram("meeshy_fleet_seconds", "Time an inference node took to answer.", secondsFast);
const outbox = new Histogram(
  "meeshy_outbox_lag_seconds",
  "Age of events when the system of record had them.",
  secondsSlow,
);

const all = [accepted, rejected, deliveries, opened, closed, translations, fleetErrors, fleet, outbox];

/**
 * What this isolate has counted since it started. Each isolate counts for itself and a gauge would be wrong after every
 * eviction, so open sockets are opened minus closed, summed over isolates.
 */
export const metrics = {
  accepted: (kind: "message" | "edit" | "delete" | "reaction" | "pin") => accepted.add({ kind }),
  rejected: (code: string) => rejected.add({ code }),
  delivered: (events: number) => deliveries.add({}, events),
  socketOpened: () => opened.add(),
  socketClosed: () => closed.add(),
  translationAnswered: ({ status, provenance }: TranslationResult) =>
    translations.add({
      status: TranslationStatusSchema.value[status]?.localName.toLowerCase() ?? "unknown",
      cache: cacheName(provenance?.cache ?? CacheTier.UNSPECIFIED),
    }),
  fleetAnswered: (milliseconds: number) => fleet.observe(milliseconds / 1_000),
  fleetFailed: (code: string) => fleetErrors.add({ code }),
  outboxLag: (milliseconds: number) => outbox.observe(milliseconds / 1_000),
};

const cacheName = (tier: CacheTier): string =>
  tier === CacheTier.UNSPECIFIED ? "none" : (CacheTierSchema.value[tier]?.localName.toLowerCase() ?? "unknown");

/** This isolate's metrics in Prometheus' text format. */
export const prometheusText = (): string => toPrometheus(all);

/** This isolate's metrics as plain data. */
export const metricSamples = (): Sample[] => toSamples(all);
