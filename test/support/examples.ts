/** What each of examples/ prints at its end. */
export const EXAMPLES: Readonly<Record<string, RegExp>> = {
  "approve-order.ts":
    /^charge +REQUESTED .*\ncharge +STARTED .*\ncharge +FAILED [^]* \(attempt 2\)\n[^]*\nsucceeded by way of charge, approve, ship, notify; receipt r-\d+\n$/,
  // Flows of one second are listed in any order.
  "cancel-report.ts":
    /^(?=[^]*collect: told to stop after some rows, they are thrown away\ncollect\/STARTED: cancelled \(Cancelled\)\n)(?=[^]*embargo\/REQUESTED: cancelled \(Cancelled\)\n)(?:.*\n){3}$/,
  "check-order.ts":
    /^effect: job charge is not idempotent, as seed \d+ with acts \[0\] shows\n[^]* dies right after effect "charge"\n[^]*\nFlow "order": nothing is wrong in 20 seeds\n$/,
  "fork-import.ts":
    /^downloading [^]*\nfailed: Job split failed: [^]*\nstored ann and bob and cid\nsucceeded: the fork went by split, store\n$/,
  "run-controller.ts": /^blog: page created\nblog: page updated\nblog: taken off the air\n$/,
  "run-order.ts": /\nsucceeded after 9 transitions\n$/,
  "undo-booking.ts":
    /attempt 2: no room\ncancel-flight: seat 14C is free again\nfailed \(CancelFlight\) by way of [^]*\nbecause of: .*\n$/,
  "upgrade-order.ts":
    /^order-1: waits .*\norder-1: succeeded by way of charge, approve, ship\norder-2: succeeded by way of charge, screen, approve, ship\n$/,
};
