import { EngineError } from "../engine/pool.ts";
import type { Device } from "./description.ts";
import type { AvailableModel } from "./registry.ts";

/** What says how much models may take. */
const settings: Readonly<Record<Device, string>> = { cpu: "MODEL_MEMORY_BYTES", cuda: "GPU_MEMORY_FRACTION" };

/** What the shelf holds of a model while it is loaded. */
export interface Closable {
  close(): Promise<void>;
}

export interface ShelfOptions<Loaded extends Closable> {
  /** Bytes that loaded models may take together on each device. */
  readonly maxBytes: Readonly<Record<Device, number>>;
  /** Bytes that a model takes once it is loaded, about. */
  readonly bytesOf: (model: AvailableModel) => number;
  readonly load: (model: AvailableModel) => Promise<Loaded>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Milliseconds that a model which could not be loaded is left alone. */
  readonly retryAfterMs?: number;
}

export type ModelState = "unloaded" | "loading" | "loaded" | "failed";

interface Place<Loaded> {
  readonly model: AvailableModel;
  readonly bytes: number;
  readonly loaded: Promise<Loaded>;
  value: Loaded | undefined;
  users: number;
  lastUsedAt: number;
  /** Settled when nobody uses it any more, once it has to go. */
  readonly idle: PromiseWithResolvers<void>;
  isLeaving: boolean;
}

/**
 * Holds the models in use: loads one when it is first asked for, and takes the least recently used ones away when the next
 * would not fit. A model is let go only once nothing runs on it; the embedded one stays.
 */
export class ModelShelf<Loaded extends Closable> {
  readonly #options: ShelfOptions<Loaded>;
  readonly #places = new Map<string, Place<Loaded>>();
  readonly #failedAt = new Map<string, number>();
  /** Models are loaded one after the other: each has to know how much room there is. */
  #loading: Promise<unknown> = Promise.resolve();

  constructor(options: ShelfOptions<Loaded>) {
    this.#options = options;
  }

  find(name: string): Loaded | undefined {
    return this.#places.get(name)?.value;
  }

  stateOf(name: string): ModelState {
    const place = this.#places.get(name);
    if (place !== undefined) return place.value === undefined ? "loading" : "loaded";
    return this.#failedAt.has(name) ? "failed" : "unloaded";
  }

  /**
   * Runs work on a model, which is loaded first when it is not.
   *
   * @throws EngineError when it cannot be loaded; what the work throws
   */
  async use<Result>(model: AvailableModel, work: (loaded: Loaded) => Promise<Result>): Promise<Result> {
    const place = this.#places.get(model.name) ?? this.#begin(model);
    place.users += 1;
    place.lastUsedAt = this.#options.now();
    try {
      return await work(await place.loaded);
    } finally {
      place.users -= 1;
      if (place.isLeaving && place.users === 0) place.idle.resolve();
    }
  }

  async close(): Promise<void> {
    const places = [...this.#places.values()];
    this.#places.clear();
    await Promise.all(places.map(async ({ loaded }) => (await loaded).close()));
  }

  #begin(model: AvailableModel): Place<Loaded> {
    const { now, retryAfterMs = 30_000, load, bytesOf } = this.#options;
    const failedAt = this.#failedAt.get(model.name);
    if (failedAt !== undefined && now() - failedAt < retryAfterMs) {
      throw new EngineError(`The model ${model.name} could not be loaded a moment ago.`);
    }
    const bytes = bytesOf(model);
    const loaded = this.#loading.then(async () => {
      await this.#makeRoom(model, bytes);
      return load(model);
    });
    const idle = Promise.withResolvers<void>();
    const place: Place<Loaded> = {
      model,
      bytes,
      loaded,
      value: undefined,
      users: 0,
      lastUsedAt: now(),
      idle,
      isLeaving: false,
    };
    this.#places.set(model.name, place);
    this.#loading = loaded.then(
      (value) => {
        place.value = value;
        this.#failedAt.delete(model.name);
      },
      () => {
        this.#places.delete(model.name);
        this.#failedAt.set(model.name, now());
      },
    );
    return place;
  }

  async #makeRoom(model: AvailableModel, bytes: number): Promise<void> {
    const { device } = model.description;
    const maxBytes = this.#options.maxBytes[device];
    const others = () =>
      [...this.#places.values()].filter(
        (place) => place.value !== undefined && place.model.description.device === device,
      );
    const taken = () => others().reduce((sum, place) => sum + place.bytes, 0);
    while (taken() + bytes > maxBytes) {
      const [oldest] = others()
        .filter((place) => place.model.route !== "embedded")
        .toSorted((one, other) => one.lastUsedAt - other.lastUsedAt);
      if (oldest === undefined) {
        if (model.route === "embedded") return;
        throw new EngineError(
          `The model ${model.name} takes ${bytes} bytes of ${maxBytes}; raise ${settings[device]}.`,
        );
      }
      await this.#letGo(oldest);
    }
  }

  async #letGo(place: Place<Loaded>): Promise<void> {
    // Whoever asks for it from now on waits until it can be loaded again.
    this.#places.delete(place.model.name);
    place.isLeaving = true;
    if (place.users > 0) await place.idle.promise;
    await place.value?.close();
  }
}
