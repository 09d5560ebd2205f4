import sharp from 'sharp'; import fs from 'node:fs'
const f='/work/shared/photos/measure/man-25mp.jpg'
const cpu=async(fn:()=>Promise<any>,k=2)=>{ let best=1e9,r:any; for(let i=0;i<k;i++){const c=process.cpuUsage(); r=await fn(); const d=process.cpuUsage(c); best=Math.min(best,(d.user+d.system)/1000)} return [best,r] as const}
for (const mp of [1,4]) { const md=(await sharp(f).metadata()).autoOrient; const k=Math.sqrt(mp*1e6/(md.width*md.height)); const w=Math.round(md.width*k),h=Math.round(md.height*k)
 const rgb=await sharp(f).autoOrient().resize(w,h,{fit:'fill'}).raw().toBuffer(); const a=await sharp('/tmp/img/man.alpha.png').resize(w,h,{fit:'fill',kernel:'linear'}).toColourspace('b-w').raw().toBuffer()
 const px=new Uint8Array(w*h*4); for(let i=0;i<w*h;i++){ px[i*4+3]=a[i]; if(a[i]){px[i*4]=rgb[i*3];px[i*4+1]=rgb[i*3+1];px[i*4+2]=rgb[i*3+2]} }
 const raw={width:w,height:h,channels:4} as const; const S=()=>sharp(px,{raw}); console.log(`--- ${mp} MP ${w}x${h}`)
 const report=async(n:string,fn:()=>Promise<any>)=>{const [c,r]=await cpu(fn); const d=await sharp(r.data).ensureAlpha().raw().toBuffer(); let se=0,cnt=0,am=0,as=0; for(let i=0;i<w*h;i++){const da=Math.abs(d[i*4+3]-a[i]);am=Math.max(am,da);as+=da; if(a[i]>128){for(let k=0;k<3;k++)se+=(d[i*4+k]-px[i*4+k])**2;cnt+=3}}
  console.log(n.padEnd(26),`cpu ${c.toFixed(0)} ${(r.data.length/1e3).toFixed(0)} kB psnr ${(10*Math.log10(65025/(se/cnt))).toFixed(2)} alpha max ${am} mean ${(as/w/h).toFixed(4)}`)}
 for (const e of [0,1,2,3,4]) await report(`webp q80 e${e}`,()=>S().webp({quality:80,effort:e}).toUint8Array())
 await report(`webp q80 e2 smart`,()=>S().webp({quality:80,effort:2,smartSubsample:true}).toUint8Array())
 for (const e of [0]) await report(`webp lossless e${e}`,()=>S().webp({lossless:true,effort:e}).toUint8Array())
 for (const e of mp>1?[0,1,2]:[0,1,2,3]) await report(`avif q50 e${e}`,()=>S().avif({quality:50,effort:e}).toUint8Array())
 await report(`avif q50 e1 420`,()=>S().avif({quality:50,effort:1,chromaSubsampling:'4:2:0'}).toUint8Array())
 await report(`avif q65 e1`,()=>S().avif({quality:65,effort:1}).toUint8Array())
 await report(`avif lossless e1`,()=>S().avif({lossless:true,effort:1}).toUint8Array())
}
