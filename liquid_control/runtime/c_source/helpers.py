# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The C functions that generated code calls; only those that are called are written out.

Weights are stored row by row, one row a source. The float32 loops run over the targets inside, so
that a compiler makes vectors of them without reordering a sum.
"""

HELPERS = {
    'sigmoid': """
static float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}
""",
    'silu': """
static float silu(float x)
{
    return x / (1.0f + expf(-x));
}
""",
    'softplus': """
static float softplus(float x)
{
    return x > 20.0f ? x : log1pf(expf(x));
}
""",
    'copy': """
/* Not for places that overlap, but for a target before its source. */
static void copy(const float *source, int count, float *target)
{
    for (int i = 0; i < count; ++i) {
        target[i] = source[i];
    }
}
""",
    'add_dense_float': """
/* sum += x w, with w of shape (from, to). */
static void add_dense_float(const float *x, const float *restrict w, int from, int to,
                            float *restrict sum)
{
    for (int i = 0; i < from; ++i) {
        const float value = x[i];
        for (int j = 0; j < to; ++j) {
            sum[j] += value * w[i * to + j];
        }
    }
}
""",
    'add_dense_int8': """
/* sum += x (w scale), with w of shape (from, to) and a scale for every target. */
static void add_dense_int8(const float *x, const int8_t *w, const float *scale, int from, int to,
                           float *sum)
{
    for (int j = 0; j < to; ++j) {
        float total = 0.0f;
        for (int i = 0; i < from; ++i) {
            total += x[i] * (float)w[i * to + j];
        }
        sum[j] += scale[j] * total;
    }
}
""",
    'add_sparse_float': """
/* Synapses of target j: first[j] to first[j + 1], each with a source and a weight for every gate.
   The sums stand gate by gate. */
static void add_sparse_float(const float *x, const float *w, const index_type *source,
                             const uint16_t *first, int targets, int gates, float *restrict sum)
{
    for (int j = 0; j < targets; ++j) {
        for (int k = first[j]; k < first[j + 1]; ++k) {
            const float value = x[source[k]];
            for (int g = 0; g < gates; ++g) {
                sum[g * targets + j] += value * w[k * gates + g];
            }
        }
    }
}
""",
    'add_sparse_int8': """
/* Synapses of target j: first[j] to first[j + 1], each with a source and a weight for every gate.
   The sums and scales stand gate by gate. */
static void add_sparse_int8(const float *x, const int8_t *w, const float *scale,
                            const index_type *source, const uint16_t *first, int targets,
                            int gates, float *sum)
{
    for (int j = 0; j < targets; ++j) {
        for (int g = 0; g < gates; ++g) {
            float total = 0.0f;
            for (int k = first[j]; k < first[j + 1]; ++k) {
                total += x[source[k]] * (float)w[k * gates + g];
            }
            sum[g * targets + j] += scale[g * targets + j] * total;
        }
    }
}
""",
}
