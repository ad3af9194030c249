/** A carrier gave up. The code is what the log tells the operator of it, such as `exit 3`. */
export class DeliveryError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = "DeliveryError";
    this.code = code;
  }
}
