import { type Alert, type AlertGroup, type Labels, labelsOf } from '../../domain/alert.ts';

const revivedLabels = (labels: Labels): Labels => labelsOf(Object.entries(labels));

/** An alert as it was stored, with its labels on objects without prototype again. */
export const revivedAlert = (stored: Alert): Alert => ({
  ...stored,
  labels: revivedLabels(stored.labels),
  annotations: revivedLabels(stored.annotations),
});

/** A group as it was stored, likewise. */
export const revivedGroup = (stored: AlertGroup): AlertGroup => ({
  ...stored,
  groupLabels: revivedLabels(stored.groupLabels),
  commonLabels: revivedLabels(stored.commonLabels),
  commonAnnotations: revivedLabels(stored.commonAnnotations),
  routeLabels: revivedLabels(stored.routeLabels),
  alerts: stored.alerts.map(revivedAlert),
});
