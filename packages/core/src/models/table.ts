import type { Model, ModelCost } from './model.ts'

export type { Model }

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const
const REMBG = 'https://github.com/danielgatis/rembg/releases/download/v0.0.0'
const BIREFNET_RELEASE = 'https://github.com/ZhengPeng7/BiRefNet/releases/download/v1'
const HUGGING_FACE = 'https://huggingface.co'

/** How BiRefNet reads a picture and what it returns. */
export const BIREFNET_INPUT = {
  resolution: 1024,
  fit: 'stretch',
  ...IMAGENET,
  meaning: 'logits',
  minMax: false,
} as const

const BIREFNET = { license: 'MIT', input: 'input_image', output: 'output_image', ...BIREFNET_INPUT } as const
/**
 * Measured 2026-11-30 (time) and 2026-12-01 (memory, and HR) with ONNX Runtime 1.30: optimized graph, one run, buffers not kept;
 * the time on a busy machine. The public weights were not at hand; time and memory do not depend on their values.
 */
const LITE_COST: ModelCost = { cpuSeconds: 8.2, peakBytes: 1.1e9, isArchitecture: true }
const SWIN_L_COST: ModelCost = { cpuSeconds: 25, peakBytes: 2.5e9, isArchitecture: true }
const HR_COST: ModelCost = { cpuSeconds: 129, peakBytes: 4.5e9, isArchitecture: true }

/** From the README of BiRefNet's authors. */
const GENERAL_SETS = 'DIS5K, DUTS, HRSOD, UHRSD, HRS10K, P3M-10k, humans (schirrmacher)'

/** The built-in models. Digests, sizes and normalization come from the authors and the registries in `urls`. */
export const models: readonly Model[] = [
  {
    id: 'general-light',
    falName: 'General Use (Light)',
    description: 'BiRefNet lite, 1024',
    purpose: 'most pictures',
    trainedOn: GENERAL_SETS,
    cost: LITE_COST,
    ...BIREFNET,
    urls: [
      `${BIREFNET_RELEASE}/BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx`,
      `${REMBG}/BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx`,
      `${HUGGING_FACE}/onnx-community/BiRefNet_lite-ONNX/resolve/de15b22ba131738a16dff04aab8bdf8dc32e3ac1/onnx/model.onnx`,
    ],
    bytes: 224_005_088,
    sha256: '5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333',
    otherSizes: ['general-light-dynamic'],
    halfPrecision: 'general-light-fp16',
  },
  {
    id: 'general-heavy',
    falName: 'General Use (Heavy)',
    description: 'BiRefNet (Swin-L), 1024',
    purpose: 'most pictures, with more detail',
    trainedOn: GENERAL_SETS,
    cost: SWIN_L_COST,
    ...BIREFNET,
    urls: [
      `${BIREFNET_RELEASE}/BiRefNet-general-epoch_244.onnx`,
      `${REMBG}/BiRefNet-general-epoch_244.onnx`,
      `${HUGGING_FACE}/onnx-community/BiRefNet-ONNX/resolve/534d3c82d3bb8b2f0867db6dfbc3a525b8e42f67/onnx/model.onnx`,
    ],
    bytes: 972_666_916,
    sha256: '58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c',
    otherSizes: ['general-2048'],
    halfPrecision: 'general-heavy-fp16',
  },
  {
    id: 'portrait',
    falName: 'Portrait',
    description: 'BiRefNet for portraits, 1024',
    purpose: 'people',
    trainedOn: 'P3M-10k, humans (schirrmacher)',
    cost: SWIN_L_COST,
    ...BIREFNET,
    urls: [
      `${BIREFNET_RELEASE}/BiRefNet-portrait-epoch_150.onnx`,
      `${REMBG}/BiRefNet-portrait-epoch_150.onnx`,
      `${HUGGING_FACE}/onnx-community/BiRefNet-portrait-ONNX/resolve/dd7167f6a8b54ff7efc29a4c988938d79866464f/onnx/model.onnx`,
    ],
    bytes: 972_666_916,
    sha256: '1ba1c8ff5a7bbfadc8d8d13fb11d7be793f91f23d9d466549e37a854f6668f99',
    halfPrecision: 'portrait-fp16',
  },
  {
    id: 'matting',
    falName: 'Matting',
    description: 'BiRefNet for matting, 1024',
    purpose: 'hair, fur and translucent things',
    trainedOn: 'P3M-10k, humans (schirrmacher), AM-2k, AIM-500, Human-2k, Distinctions-646, HIM2K, PPM-100',
    cost: SWIN_L_COST,
    ...BIREFNET,
    urls: [`${BIREFNET_RELEASE}/BiRefNet-matting-epoch_100.onnx`],
    bytes: 972_667_742,
    sha256: '6065d27c615ea27308f5b88598dd8db116eb07436c7a323ca40d13b2866c309e',
    otherSizes: ['matting-2048'],
  },
  {
    id: 'general-light-dynamic',
    description: 'BiRefNet lite, any multiple of 64',
    purpose: 'most pictures, at resolutions other than 1024',
    ...BIREFNET,
    // A third party's export with other tensor names: the session's first input and output are used.
    input: undefined,
    output: undefined,
    resolution: { default: 1024, multipleOf: 64 },
    urls: [
      `${HUGGING_FACE}/senty-au/BiRefNet_lite-ONNX-dynamic/resolve/173d635935b93839608b9b9039da8d1d212471e9/onnx/model.onnx`,
    ],
    bytes: 180_839_545,
    sha256: '1e0da42f0fde010e32e938bad388457ecefe35806fde9d923421997861ae9391',
  },
  {
    id: 'general-light-fp16',
    description: 'BiRefNet lite, 1024, weights in half precision',
    purpose: 'general-light with half the download',
    trainedOn: GENERAL_SETS,
    cost: LITE_COST,
    ...BIREFNET,
    urls: [
      `${HUGGING_FACE}/onnx-community/BiRefNet_lite-ONNX/resolve/de15b22ba131738a16dff04aab8bdf8dc32e3ac1/onnx/model_fp16.onnx`,
    ],
    bytes: 114_538_221,
    sha256: 'd39b897ceb16ae654c1731f3dba0cf9b368d9cae74b5a57459b455cc8bfec402',
    otherSizes: ['general-light-dynamic'],
  },
  {
    id: 'general-heavy-fp16',
    description: 'BiRefNet (Swin-L), 1024, weights in half precision',
    purpose: 'general-heavy with half the download',
    trainedOn: GENERAL_SETS,
    cost: SWIN_L_COST,
    ...BIREFNET,
    urls: [
      `${HUGGING_FACE}/onnx-community/BiRefNet-ONNX/resolve/534d3c82d3bb8b2f0867db6dfbc3a525b8e42f67/onnx/model_fp16.onnx`,
    ],
    bytes: 489_666_272,
    sha256: '3654c741eb80bd926ada8fed1713b506ccf8d30eb1f6487e87eb9f234f33df09',
    otherSizes: ['general-2048'],
  },
  {
    id: 'portrait-fp16',
    description: 'BiRefNet for portraits, 1024, weights in half precision',
    purpose: 'portrait with half the download',
    trainedOn: 'P3M-10k, humans (schirrmacher)',
    cost: SWIN_L_COST,
    ...BIREFNET,
    // The registry does not state the size of this file.
    urls: [
      `${HUGGING_FACE}/onnx-community/BiRefNet-portrait-ONNX/resolve/dd7167f6a8b54ff7efc29a4c988938d79866464f/onnx/model_fp16.onnx`,
    ],
    sha256: '4c05930c0b6f1418d02eb1de81c46fe37638ba54f5a93adeb5c674521db10110',
  },
  {
    id: 'general-2048',
    description: 'BiRefNet HR, 2048',
    purpose: 'thin parts of large pictures',
    cost: HR_COST,
    ...BIREFNET,
    resolution: 2048,
    urls: [`${BIREFNET_RELEASE}/BiRefNet_HR-general-epoch_130.onnx`],
    bytes: 1_098_928_953,
    sha256: 'db0217e99b25e0c4f6f4dca2892ff1f7ea7aba38fb6ad84f93122a4024be536a',
  },
  {
    id: 'matting-2048',
    description: 'BiRefNet HR for matting, 2048',
    purpose: 'hair and fur in large pictures',
    cost: HR_COST,
    ...BIREFNET,
    resolution: 2048,
    urls: [`${BIREFNET_RELEASE}/BiRefNet_HR-matting-epoch_135.onnx`],
    bytes: 1_098_928_867,
    sha256: '45b7d92ce0e2e75e1c8a564a9e84c87ac9da7f4315d2deeef3674864e809aef3',
  },
  {
    id: 'u2netp',
    description: 'small U²-Net, 320, embedded',
    purpose: 'drafts and tests, without a download',
    trainedOn: 'DUTS',
    cost: { cpuSeconds: 0.83, peakBytes: 0.54e9 },
    license: 'Apache-2.0',
    package: '@nobg/u2netp/u2netp.onnx',
    urls: [`${REMBG}/u2netp.onnx`],
    bytes: 4_574_861,
    sha256: '309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8',
    input: 'input.1',
    output: '1959',
    resolution: 320,
    passesFrom: 2048,
    fit: 'stretch',
    ...IMAGENET,
    meaning: 'probability',
    minMax: true,
  },
  {
    id: 'isnet',
    description: 'IS-Net, 1024',
    purpose: 'most pictures, faster than BiRefNet',
    cost: { cpuSeconds: 3.89, peakBytes: 1.63e9 },
    license: 'Apache-2.0 (code; the authors do not name one for the weights)',
    urls: [`${REMBG}/isnet-general-use.onnx`],
    bytes: 178_648_008,
    sha256: '60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a',
    resolution: 1024,
    fit: 'stretch',
    mean: [0.5, 0.5, 0.5],
    std: [1, 1, 1],
    meaning: 'probability',
    minMax: true,
  },
  {
    id: 'modnet',
    description: 'MODNet, portraits, 512',
    purpose: 'people, fast',
    license: 'Apache-2.0',
    urls: [
      `${HUGGING_FACE}/Xenova/modnet/resolve/main/onnx/model.onnx`,
      'https://github.com/Zeyi-Lin/HivisionIDPhotos/releases/download/pretrained-model/modnet_photographic_portrait_matting.onnx',
    ],
    bytes: 25_888_640,
    sha256: '07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9',
    input: 'input',
    output: 'output',
    resolution: { default: 512, multipleOf: 32 },
    fit: 'shortest-edge',
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    meaning: 'probability',
    minMax: false,
  },
  {
    id: 'ben2',
    description: 'BEN2 base, 1024',
    purpose: 'most pictures, hair',
    trainedOn: 'DIS5K, and 22,000 pictures of its authors',
    license: 'MIT',
    urls: [`${HUGGING_FACE}/PramaLLC/BEN2/resolve/e48a20765fb421d19dcdb0bf3cc61e802ca5ec8f/BEN2_Base.onnx`],
    bytes: 222_932_053,
    sha256: '22cea62108ff53b7ccc20f7a008bf30494228d84b1687f29ecbe76936a998101',
    resolution: 1024,
    fit: 'stretch',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    meaning: 'probability',
    minMax: true,
  },
]
