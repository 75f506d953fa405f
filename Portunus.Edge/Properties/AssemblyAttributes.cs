using System.Runtime.CompilerServices;

// Every native signature is blittable, so calls need no marshalling stub and compile ahead of time.
[assembly: DisableRuntimeMarshalling]
