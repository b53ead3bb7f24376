import { Form, useNavigation } from "@remix-run/react";
import { type ReactNode, useEffect, useRef } from "react";
import type { FormErrors } from "../session.server.ts";
import { Button } from "./button.tsx";

interface Props {
  readonly errors: FormErrors | undefined;
  readonly submit: string;
  readonly children?: ReactNode;
}

/** A form whose errors stand beside their fields; after a refusal the focus goes to the first of them. */
export function ErrorForm({ errors, submit, children }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const busy = useNavigation().state !== "idle";
  useEffect(() => {
    if (errors === undefined) return;
    form.current?.querySelector<HTMLElement>("[aria-invalid], [role=alert]")?.focus();
  }, [errors]);
  return (
    <Form ref={form} method="post" noValidate className="grid gap-5">
      {errors !== undefined && errors.message !== "" && (
        <p role="alert" tabIndex={-1} className="rounded-xl border border-danger p-3 text-danger outline-none">
          {errors.message}
        </p>
      )}
      {children}
      <Button disabled={busy}>{submit}</Button>
    </Form>
  );
}
