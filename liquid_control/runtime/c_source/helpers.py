# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The C functions that generated code calls; only those that are called are written out.

Weights are stored row by row, one row a source. The float32 loops run over the targets inside, so
that a compiler makes vectors of them without reordering a sum.
"""

from string import Template

# Loops over single synapses: number k of target j stands in w, as it is or as int8 to be scaled.
OPENED = """
/* Synapses of target j: first[j] to first[j + 1], each with a source, slope, centre and two
   weights. Open by sigmoid(slope (x - centre)), weighed for either of the two sums. */
static void add_opened_$kind(const float *x, const $type *w, $scale
                             const index_type *source, const uint16_t *first, int targets,
                             float *sum)
{
    for (int j = 0; j < targets; ++j) {
        for (int k = first[j]; k < first[j + 1]; ++k) {
            const float open = sigmoid($w0 * (x[source[k]] - $w1));
            sum[j] += open * $w2;
            sum[targets + j] += open * $w3;
        }
    }
}
"""
PLASTIC = """
/* Synapses of target j: first[j] to first[j + 1], each with a source, two weights and a reach.
   What it has learned, p of shape (from, to), is added to the first weight; then p approaches the
   reach where x and y agree in sign, and its opposite where they do not. */
static void add_plastic_$kind(const float *x, const $type *w, $scale
                              const index_type *source, const uint16_t *first, int targets,
                              const float *y, const float *rate, float dt, float *p, float *sum)
{
    for (int j = 0; j < targets; ++j) {
        for (int k = first[j]; k < first[j + 1]; ++k) {
            const float value = x[source[k]], both = value * y[j];
            float *learned = p + source[k] * targets + j;
            const float reach = $w2;
            sum[j] += value * ($w0 + *learned);
            sum[targets + j] += value * $w1;
            *learned = lerp(both < 0.0f ? -reach : reach, *learned,
                            expf(-dt * rate[j] * fabsf(both)));
        }
    }
}
"""


def _by_precision(name: str, text: str, numbers: int) -> dict[str, str]:
    """Write a loop over synapses of some numbers each, as floats and as int8."""
    whole = {f'w{g}': f'w[k * {numbers} + {g}]' for g in range(numbers)}
    rounded = {f'w{g}': f'scale[{g} * targets + j] * (float)w[k * {numbers} + {g}]'
               for g in range(numbers)}
    return {
        f'{name}_float': Template(text.replace(' $scale', '')).substitute(
            whole, kind='float', type='float'),
        f'{name}_int8': Template(text).substitute(
            rounded, kind='int8', type='int8_t', scale='const float *scale,')}


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
    'lerp': """
/* From start to end, and exactly there for a weight of 0 and 1. */
static float lerp(float start, float end, float weight)
{
    return weight < 0.5f ? start + weight * (end - start)
                         : end - (1.0f - weight) * (end - start);
}
""",
    'fraction': """
static float fraction(float x)
{
    return x - floorf(x);
}
""",
    'softmax': """
static void softmax(float *x, int count)
{
    float largest = x[0], total = 0.0f;
    for (int i = 1; i < count; ++i) {
        largest = fmaxf(largest, x[i]);
    }
    for (int i = 0; i < count; ++i) {
        x[i] = expf(x[i] - largest);
        total += x[i];
    }
    for (int i = 0; i < count; ++i) {
        x[i] /= total;
    }
}
""",
    'layer_norm': """
static void layer_norm(const float *x, const float *weight, const float *bias, int count,
                       float *normal)
{
    float mean = 0.0f, variance = 0.0f;
    for (int i = 0; i < count; ++i) {
        mean += x[i] / (float)count;
    }
    for (int i = 0; i < count; ++i) {
        variance += (x[i] - mean) * (x[i] - mean) / (float)count;
    }
    for (int i = 0; i < count; ++i) {
        normal[i] = (x[i] - mean) / sqrtf(variance + 1e-5f) * weight[i] + bias[i];
    }
}
""",
    'runge_kutta': """
/* Stages 0 to 3 of the classical step: x moves to where the next slope is taken, at last to the
   end of the step. */
static void runge_kutta(int stage, const float *slope, int count, float dt, float *origin,
                        float *sum, float *x)
{
    for (int i = 0; i < count; ++i) {
        if (stage == 0) {
            origin[i] = x[i];
            sum[i] = 0.0f;
        }
        sum[i] += (stage == 1 || stage == 2 ? 2.0f : 1.0f) * slope[i];
        x[i] = origin[i] + (stage == 3 ? dt / 6.0f * sum[i]
                                       : (stage == 2 ? dt : dt / 2.0f) * slope[i]);
    }
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
    **_by_precision('add_opened', OPENED, 4),
    **_by_precision('add_plastic', PLASTIC, 3),
}
